"""What does not need the client itself; tests/lab/hub asks by the real one."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from gpustrap.resolve.hub import Store, Wanted


def answer(status: int, **headers: str):
    keys = {key.replace("_", "-"): value for key, value in headers.items()}
    return SimpleNamespace(status_code=status, headers=keys, request=SimpleNamespace(url=SimpleNamespace(host="h")))


def failing(status: int) -> Exception:
    error = Exception(str(status))
    error.response = answer(status)  # type: ignore[attr-defined]
    return error


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock stands still but for what is slept."""
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    monkeypatch.setattr(time, "monotonic", lambda: 0.5 + sum(waits))
    return waits


def test_nobody_asks_before_a_server_wants_it(slept) -> None:
    from gpustrap.engine.hub.asked import Gate

    gate = Gate()
    for other in (answer(200, retry_after="9"), answer(429), answer(429, retry_after="soon")):
        gate.answered(other)
    gate.asks(None)
    assert slept == []
    gate.answered(answer(429, retry_after="30"))
    gate.answered(answer(429, retry_after="5"))
    gate.asks(None)
    assert slept == [30]


def test_a_gate_opens_at_its_moment_and_waits_as_long_as_it_may(slept) -> None:
    from gpustrap.engine.hub.asked import Gate

    gate = Gate(most=30)
    gate.answered(answer(429, retry_after="30"))
    gate.asks(None)
    gate.asks(None)
    gate.answered(answer(429, retry_after="1"))
    gate.asks(None)
    assert slept == [30, 1]


def test_a_server_that_wants_an_hour_is_not_waited_for() -> None:
    from gpustrap.engine.hub.asked import Gate, Trouble

    with pytest.raises(Trouble) as trouble:
        Gate().answered(answer(429, retry_after="3600"))
    assert (trouble.value.word, trouble.value.fields) == ("rate", {"seconds": 3600})


@pytest.mark.parametrize(("status", "tries"), [(429, 5), (500, 5), (503, 5), (499, 1), (404, 1), (403, 1)])
def test_only_what_passes_is_asked_again(slept, status: int, tries: int) -> None:
    from gpustrap.engine.hub.asked import patient

    asked = []

    def ask() -> None:
        asked.append(1)
        raise failing(status)

    with pytest.raises(Exception, match=str(status)):
        patient(ask)
    assert (len(asked), slept) == (tries, [1, 2, 4, 8][: tries - 1])


def test_a_commit_is_asked_of_nobody_and_a_token_is_sent_only_where_it_is_told(tmp_path, monkeypatch) -> None:
    from gpustrap.engine.hub import asked

    monkeypatch.setitem(__import__("sys").modules, "huggingface_hub", SimpleNamespace(HfApi=None))
    assert asked.newest(Store("", ""), Wanted("model", "a/b", "0" * 40)) == "0" * 40
    (tmp_path / "token").write_text("hf_x\n")
    assert asked.token_of(Store("", "")) is False
    assert asked.token_of(Store("", "", str(tmp_path / "token"))) == "hf_x"


def test_a_file_that_only_xet_gives_is_named() -> None:
    from gpustrap.engine.hub.asked import HTTP_BYTES, File, too_large

    small, large = File("s", HTTP_BYTES, "0", "sha256"), File("l", HTTP_BYTES + 1, "1", "sha256")
    assert too_large([small, large]) == large
    assert too_large([small, File("l", HTTP_BYTES + 1, "1", "sha256", xet=True)]) is None


def test_where_nobody_waits_a_server_that_wants_time_is_a_trouble() -> None:
    from gpustrap.engine.hub.asked import Gate, Trouble

    with pytest.raises(Trouble, match="rate"):
        Gate(most=0).answered(answer(429, retry_after="1"))


def test_what_a_commit_holds_is_each_wanted_file_with_its_digest_and_the_revision_is_not_asked_for(client) -> None:
    from gpustrap.engine.hub.asked import File, Listing, listed

    client.files, client.large, client.xet = {"a": b"{}", "b": b"0123", "c": b"45", "d.bin": b""}, ("b", "c"), ("c",)
    found = listed(Store("", ""), Wanted("model", "org/name", ignore=("*.bin",)), "c" * 40)
    assert found == Listing(
        "c" * 40,
        [
            File("a", 2, client.digest("a"), "sha1"),
            File("b", 4, client.digest("b"), "sha256"),
            File("c", 2, client.digest("c"), "sha256", xet=True),
        ],
    )
    assert [name for name, _ in client.calls] == ["list_repo_tree"]
