from __future__ import annotations

import errno
import sys
from types import SimpleNamespace

import pytest

from gpustrap.resolve.hub import Wanted

ONE = Wanted("model", "org/name", "v1")


class TransportError(Exception):
    """Stands for httpx2's."""

    def __init__(self, host: str = ""):
        super().__init__("no route\nmore")
        self._request = SimpleNamespace(url=SimpleNamespace(host=host)) if host else None


@pytest.fixture(autouse=True)
def client(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the client is asked for here."""
    constants = SimpleNamespace(ENDPOINT="https://mirror.lan")
    monkeypatch.setitem(sys.modules, "httpx2", SimpleNamespace(TransportError=TransportError))
    monkeypatch.setitem(sys.modules, "huggingface_hub", SimpleNamespace(constants=constants))


def http(status: int, name: str = "HfHubHTTPError") -> Exception:
    error = type(name, (Exception,), {})("said")
    error.response = SimpleNamespace(status_code=status)
    return error


def behind(error: Exception) -> Exception:
    """As the client wraps what it was answered."""
    outer = ValueError("not found locally")
    outer.__cause__ = error
    return outer


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (http(401, "GatedRepoError"), "gated"),
        (http(403, "GatedRepoError"), "gated"),
        (http(404, "RevisionNotFoundError"), "revision"),
        (http(401, "RepositoryNotFoundError"), "repository"),
        (http(404, "RepositoryNotFoundError"), "repository"),
        (http(404, "HfHubHTTPError"), "http"),
        (http(401), "repository"),
        (http(403), "forbidden"),
        (behind(http(429)), "rate"),
        (http(502), "http"),
        (TransportError("mirror.lan"), "unreached"),
        (behind(TransportError("cdn.lan")), "redirected"),
        (TransportError(), "unreached"),
        (OSError(errno.ENOSPC, "No space"), "full"),
        (OSError("Consistency check failed: …"), "length"),
        (ValueError("The file is too large to be downloaded using"), "large"),
        (KeyError("x"), "other"),
    ],
)
def test_each_has_its_word(error: Exception, word: str) -> None:
    from gpustrap.engine.hub.troubles import trouble_of

    trouble = trouble_of(error, ONE, "a.bin")
    assert trouble.word == word
    assert {"repo": "org/name", "revision": "v1", "file": "a.bin"}.items() <= trouble.fields.items()
    assert trouble_of(trouble, ONE) is trouble


def during(error: Exception) -> Exception:
    """As something that fails while another failure is handled."""
    outer = ValueError("while cleaning up")
    outer.__context__ = error
    return outer


LONG = "x" * 400


@pytest.mark.parametrize(
    ("error", "word", "more"),
    [
        (http(401), "repository", {"status": 401}),
        (http(404, "RepositoryNotFoundError"), "repository", {"status": 404}),
        (during(http(429)), "rate", {"status": 429}),
        (http(502), "http", {"status": 502}),
        (ValueError("Consistency check failed"), "other", {"said": "ValueError: Consistency check failed"}),
        (ValueError("\n one\ntwo"), "other", {"said": "ValueError: one"}),
        (ValueError(), "other", {"said": "ValueError: "}),
        (ValueError(LONG), "other", {"said": f"ValueError: {LONG}"[:300]}),
        (
            TransportError("cdn.lan"),
            "redirected",
            {"host": "cdn.lan", "asked": "mirror.lan", "said": "TransportError: no route"},
        ),
    ],
)
def test_what_belongs_to_a_word_is_told_with_it(error: Exception, word: str, more: dict[str, object]) -> None:
    from gpustrap.engine.hub.troubles import trouble_of

    trouble = trouble_of(error, ONE)
    assert (trouble.word, trouble.fields) == (word, {"repo": "org/name", "revision": "v1", "file": "", **more})


def test_what_a_failing_host_said_is_one_short_line(capsys) -> None:
    from gpustrap.engine.hub.troubles import tell, trouble_of

    trouble = trouble_of(TransportError("cdn.lan"), ONE)
    assert trouble.fields["said"] == "TransportError: no route"
    assert (trouble.fields["host"], trouble.fields["asked"]) == ("cdn.lan", "mirror.lan")
    tell(trouble)
    assert capsys.readouterr().out.startswith('hub-trouble ["redirected", {"repo": "org/name"')
