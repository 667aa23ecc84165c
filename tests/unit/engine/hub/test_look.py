from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gpustrap.resolve.hub import Store, Wanted

ONE = Wanted("model", "org/name")
OLD, NEW = "0" * 40, "1" * 40


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "hub"), str(tmp_path / "records"))


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch):
    """`hub(held=OLD, newest=NEW, files=[…])`: what is there, and what a hub says; an exception is raised."""
    from gpustrap.engine.hub import look
    from gpustrap.engine.hub.asked import Listing

    def of(held: str, newest, files=()):
        def ask(*_: object, **__: object) -> str:
            if isinstance(newest, Exception):
                raise newest
            return newest

        monkeypatch.setattr(look, "held", lambda *_: held)
        monkeypatch.setattr(look, "newest", ask)
        monkeypatch.setattr(look, "listed", lambda *_, **__: Listing(NEW, files))
        return look.look

    return of


def file(size: int, path: str = "a", digest: str = "aa"):
    from gpustrap.engine.hub.asked import File

    return File(path, size, digest, "sha256")


def trouble(word: str):
    from gpustrap.engine.hub.asked import Trouble

    return Trouble(word, repo="org/name")


def test_what_is_there_and_has_not_moved_is_complete(hub, store: Store) -> None:
    assert hub(NEW, NEW)(store, ONE) == {"state": "complete", "commit": NEW}
    pinned = Wanted("model", "org/name", OLD)
    assert hub(OLD, AssertionError("nobody is asked"))(store, pinned) == {"state": "complete", "commit": OLD}
    assert hub("", OLD)(store, pinned)["state"] == "lacking"


def test_what_moved_and_what_lacks_tell_what_is_to_be_fetched(hub, store: Store) -> None:
    (Path(store.cache) / ONE.folder / "blobs").mkdir(parents=True)
    (Path(store.cache) / ONE.folder / "blobs" / "bb").write_text("x")
    files = [file(7), file(9, "b", "bb")]
    rest = {"newest": NEW, "files": 1, "bytes": 7}
    assert hub(OLD, NEW, files)(store, ONE) == {"state": "moved", "commit": OLD, **rest}
    assert hub("", NEW, files)(store, ONE) == {"state": "lacking", "commit": "", **rest}


DEFINITE = ("gated", "repository", "revision", "forbidden")


@pytest.mark.parametrize(
    ("word", "definite"), [*((word, True) for word in DEFINITE), ("unreached", False), ("x", False)]
)
def test_a_hub_that_does_not_answer_leaves_what_is_there(hub, store: Store, word: str, definite: bool) -> None:
    told = {"trouble": [word, {"repo": "org/name"}], "definite": definite}
    assert hub(OLD, trouble(word))(store, ONE) == {"state": "complete", "commit": OLD, **told}
    assert hub("", trouble(word))(store, ONE) == {"state": "unknown", "commit": "", **told}


def test_what_has_no_room_is_refused_before_a_byte_is_fetched(hub, store: Store, monkeypatch) -> None:
    from gpustrap.engine.hub import look

    monkeypatch.setattr(look.shutil, "disk_usage", lambda _: SimpleNamespace(free=3 << 30))
    part = Path(store.cache) / ONE.folder / "blobs" / "aa.gpustrap"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 10)
    refused = hub(OLD, NEW, [file((3 << 30) + 11)])(store, ONE)
    told = {"repo": "org/name", "needed": 4, "free": 3, "place": store.cache}
    assert (refused["state"], refused["trouble"], refused["definite"]) == ("unknown", ["room", told], True)
    assert hub("", NEW, [file((3 << 30) + 10)])(store, ONE)["state"] == "lacking"


def test_a_file_that_the_client_would_refuse_is_named(hub, store: Store) -> None:
    refused = hub("", NEW, [file(60_000_000_000, "big")])(store, ONE)
    assert refused["trouble"] == ["large", {"repo": "org/name", "file": "big", "gb": 60}]


@pytest.fixture
def looks(store: Store, monkeypatch, capsys):
    """`looks(ONE, …)`: what the program says of each, and how often it has asked the hub."""
    from gpustrap.engine.hub import arguments, look

    def of(*wanted: Wanted) -> tuple[list[dict[str, Any]], int]:
        asked = []
        ask = look.newest
        monkeypatch.setattr(look, "newest", lambda *words, **how: asked.append(1) or ask(*words, **how))
        monkeypatch.setattr(look, "gated_client", lambda **_: None)
        monkeypatch.setattr(sys, "argv", ["look", arguments(store, wanted)])
        look.look_at_all()
        lines = capsys.readouterr().out.splitlines()
        return [json.loads(line.removeprefix("hub ")) for line in lines], len(asked)

    return of


def test_each_is_a_line(hub, looks) -> None:
    hub(NEW, NEW)
    lines, _ = looks(ONE, ONE)
    assert lines == [{"at": at, "state": "complete", "commit": NEW} for at in (0, 1)]


def test_a_hub_that_does_not_answer_is_asked_once(hub, looks) -> None:
    hub("", trouble("unreached"))
    lines, asked = looks(ONE, Wanted("dataset", "a/b"))
    assert ([one["trouble"][0] for one in lines], asked) == (["unreached", "unreached"], 1)


@pytest.mark.parametrize("word", ["large", "room"])
def test_what_cannot_be_fetched_leaves_what_is_there_incomplete(hub, store: Store, word: str) -> None:
    told = {"trouble": [word, {"repo": "org/name"}], "definite": True}
    assert hub(OLD, trouble(word))(store, ONE) == {"state": "unknown", "commit": OLD, **told}


@pytest.mark.parametrize(("word", "asked"), [("unreached", 1), ("rate", 1), ("gated", 2)])
def test_only_what_concerns_the_hub_itself_keeps_the_others_from_being_asked(hub, looks, word: str, asked: int) -> None:
    hub("", trouble(word))
    lines, questions = looks(ONE, Wanted("dataset", "a/b"))
    assert [one["trouble"] for one in lines] == [[word, {"repo": "org/name"}]] * 2
    assert questions == asked
