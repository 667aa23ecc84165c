from __future__ import annotations

import os
from pathlib import Path

import pytest

from gpustrap.resolve.hub import Store, Wanted

COMMIT = "0123456789" * 4
ONE = Wanted("model", "org/name", allow=("*.json",))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "hub"), str(tmp_path / "records"))


@pytest.fixture
def snapshot(store: Store) -> Path:
    """A file that is there as it was checked."""
    from gpustrap.engine.hub import files, held

    file = held.stored(store, ONE) / "snapshots" / COMMIT / "a.json"
    file.parent.mkdir(parents=True)
    file.write_text("{}")
    held.write_record(store, ONE, COMMIT, {"a.json": [*(files.state_of(file) or ()), "00"]})
    held.name(store, ONE, COMMIT)
    return file


def test_what_stands_as_it_was_checked_is_held(store: Store, snapshot: Path) -> None:
    from gpustrap.engine.hub.held import held

    assert held(store, ONE) == COMMIT
    assert held(store, Wanted("model", "org/name")) == ""


def test_a_name_may_end_its_line(store: Store, snapshot: Path) -> None:
    from gpustrap.engine.hub.held import held, stored

    (stored(store, ONE) / "refs" / "main").write_text(f"{COMMIT}\n")
    assert held(store, ONE) == COMMIT


@pytest.mark.parametrize("change", ["longer", "touched", "gone", "renamed", "no record", "bad record", "cut record"])
def test_what_was_written_to_since_is_not(store: Store, snapshot: Path, change: str) -> None:
    from gpustrap.engine.hub import held

    record = Path(store.records, ONE.record)
    {
        "longer": lambda: snapshot.write_text("{ }"),
        "touched": lambda: os.utime(snapshot, ns=(1, 1)),
        "gone": snapshot.unlink,
        "renamed": lambda: held.name(store, ONE, "f" * 40),
        "no record": record.unlink,
        "bad record": lambda: record.write_text('{"commit": 1, "files": {}}'),
        "cut record": lambda: record.write_text('{"commit"'),
    }[change]()
    assert held.held(store, ONE) == ""


def test_a_commit_needs_no_name(store: Store, snapshot: Path) -> None:
    from gpustrap.engine.hub import held

    pinned = Wanted("model", "org/name", COMMIT)
    held.write_record(store, pinned, COMMIT, {})
    held.name(store, pinned, COMMIT)
    assert held.held(store, pinned) == COMMIT
    assert not (held.stored(store, pinned) / "refs" / COMMIT).exists()


@pytest.mark.parametrize(
    "text", ['{"files": {}}', '{"commit": 1, "files": {}}', '{"commit": "a"}', '{"commit": "a", "files": []}', "x", ""]
)
def test_a_record_that_is_none_tells_nothing(store: Store, text: str) -> None:
    from gpustrap.engine.hub.held import record_of

    record = Path(store.records, ONE.record)
    record.parent.mkdir(parents=True)
    record.write_text(text)
    assert record_of(store, ONE) == {}


def test_without_a_record_nothing_is_held_whatever_a_name_says(store: Store) -> None:
    from gpustrap.engine.hub.held import held, name, stored

    assert held(store, ONE) == ""
    name(store, ONE, "")
    assert held(store, ONE) == ""
    (stored(store, ONE) / "refs" / "main").write_text(f"{COMMIT}\n")
    assert held(store, ONE) == ""


def test_records_and_names_are_written_whole_and_leave_nothing_beside(store: Store, snapshot: Path) -> None:
    from gpustrap.engine.hub.held import name, record_of, stored, write_record

    write_record(store, ONE, "b" * 40, {"a": [1, 2, "c"]})
    name(store, ONE, "b" * 40)
    assert record_of(store, ONE) == {"commit": "b" * 40, "files": {"a": [1, 2, "c"]}}
    assert {file.name for file in Path(store.records).iterdir()} == {ONE.record}
    refs = stored(store, ONE) / "refs"
    assert {file.name: file.read_text() for file in refs.iterdir()} == {"main": "b" * 40}
