"""What is decided on files; tests/lab/hub fetches by the real client."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from gpustrap.resolve.hub import Store, Wanted

ONE, COMMIT = Wanted("model", "org/name"), "0" * 40
SUM = hashlib.sha256(b"right").hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "hub" / ONE.folder / "blobs").mkdir(parents=True)
    return Store(str(tmp_path / "hub"), str(tmp_path / "records"))


@pytest.fixture
def file():
    from gpustrap.engine.hub.asked import File

    return File("a/b", 5, SUM, "sha256")


def laid_out(store: Store, data: bytes, name: str = SUM) -> Path:
    """The file of the snapshot, a link to its blob."""
    folder = Path(store.cache, ONE.folder)
    (folder / "blobs" / name).write_bytes(data)
    pointer = folder / "snapshots" / COMMIT / "a" / "b"
    pointer.parent.mkdir(parents=True)
    pointer.symlink_to(folder / "blobs" / name)
    return pointer


def checked(store: Store, file, known=None):
    from gpustrap.engine.hub.asked import Listing
    from gpustrap.engine.hub.whole import checked as of

    return of(store, ONE, Listing(COMMIT, [file]), known or {})


def test_a_file_counts_by_its_digest_whatever_its_blob_is_called(store: Store, file) -> None:
    pointer = laid_out(store, b"right", "another-etag")
    told = pointer.stat()
    assert checked(store, file) == {"a/b": [told.st_size, told.st_mtime_ns, SUM]}


@pytest.mark.parametrize(("data", "word"), [(b"wrong", "digest"), (b"righ", "digest"), (None, "missing")])
def test_another_file_does_not_and_is_removed(store: Store, file, data: bytes | None, word: str) -> None:
    from gpustrap.engine.hub.asked import Trouble

    pointer = laid_out(store, data) if data is not None else None
    with pytest.raises(Trouble) as trouble:
        checked(store, file)
    assert (trouble.value.word, trouble.value.fields) == (word, {"repo": "org/name", "file": "a/b"})
    assert pointer is None or not (pointer.is_symlink() or list(Path(store.cache, ONE.folder, "blobs").iterdir()))


def test_what_was_checked_and_not_written_to_is_not_read_again(store: Store, file) -> None:
    from gpustrap.engine.hub.files import state_of

    pointer = laid_out(store, b"wrong")
    known = {SUM: [*(state_of(pointer) or ()), SUM]}
    assert checked(store, file, known) == {"a/b": known[SUM]}


def test_a_damaged_blob_is_removed_so_that_it_is_fetched(store: Store, file, capsys) -> None:
    from gpustrap.engine.hub.whole import without_damaged

    blobs, known = Path(store.cache, ONE.folder, "blobs"), {}
    (blobs / SUM).write_bytes(b"right")
    without_damaged(blobs, [file], known)
    assert known[SUM][2] == SUM
    (blobs / SUM).write_bytes(b"wrong!")
    without_damaged(blobs, [file], known)
    assert not (blobs / SUM).exists()
    assert capsys.readouterr().out == "[gpustrap] a/b was damaged, and is fetched again\n"


def test_a_blob_that_was_checked_and_not_written_to_is_not_read_again(store: Store, file) -> None:
    from gpustrap.engine.hub.files import state_of
    from gpustrap.engine.hub.whole import without_damaged

    blob = Path(store.cache, ONE.folder, "blobs", SUM)
    blob.write_bytes(b"wrong")
    without_damaged(blob.parent, [file], {SUM: [*(state_of(blob) or ()), SUM]})
    assert blob.exists()


def test_what_was_checked_is_a_blob_and_no_other_of_its_size_and_time(store: Store, file) -> None:
    from gpustrap.engine.hub.asked import Trouble
    from gpustrap.engine.hub.files import state_of

    pointer = laid_out(store, b"wrong", "another-etag")
    with pytest.raises(Trouble, match="digest"):
        checked(store, file, {SUM: [*(state_of(pointer) or ()), SUM]})


def test_what_was_checked_counts_until_somebody_writes_to_it(store: Store, file) -> None:
    from gpustrap.engine.hub.files import state_of
    from gpustrap.engine.hub.held import write_record
    from gpustrap.engine.hub.whole import known_of

    pointer = laid_out(store, b"right")
    told = [*(state_of(pointer) or ()), SUM]
    write_record(store, ONE, COMMIT, {"a/b": told, "gone": [1, 2, "x"]})
    assert known_of(store, ONE) == {SUM: told}
    pointer.write_bytes(b"wrong!")
    assert known_of(store, ONE) == {}


def test_a_file_in_a_links_place_that_is_damaged_is_removed(store: Store, file) -> None:
    from gpustrap.engine.hub.asked import Trouble

    pointer = Path(store.cache, ONE.folder, "snapshots", COMMIT, "a", "b")
    pointer.parent.mkdir(parents=True)
    pointer.write_bytes(b"wrong")
    with pytest.raises(Trouble, match="digest"):
        checked(store, file)
    assert not pointer.exists()
