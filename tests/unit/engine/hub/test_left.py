from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from gpustrap.resolve.hub import Store, Wanted

ONE = Wanted("model", "org/name")
DEAD = 2**22 + 1  # above the kernel's greatest number of a process


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "hub" / ONE.folder / "blobs").mkdir(parents=True)
    (tmp_path / "hub" / ".locks" / ONE.folder).mkdir(parents=True)
    return Store(str(tmp_path / "hub"), "")


@pytest.fixture
def lock(store: Store) -> Path:
    return Path(store.cache, ".locks", ONE.folder, "aa.lock")


def take_away(store: Store) -> None:
    from gpustrap.engine.hub.left import take_away

    take_away(store, ONE)


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("", True),  # flock's: it holds nobody
        (f"{DEAD}\n", False),
        (f"{DEAD}\n{os.uname().nodename}\n", False),
        (f"{DEAD}\n{os.uname().nodename}\nmore\n", False),
        (f"{DEAD}\nanother-host\n", True),
        ("ALIVE\n", True),
        ("nonsense", True),
    ],
)
def test_a_lock_of_a_process_that_is_gone_is_taken_away(
    store: Store, lock: Path, text: str, stays: bool, capsys
) -> None:
    lock.write_text(text.replace("ALIVE", f"{os.getpid()}\n{os.uname().nodename}"))
    take_away(store)
    assert lock.exists() == stays
    said = "1 locks and 0 parts of files (0 MB) of a client that is gone"
    assert capsys.readouterr().out == ("" if stays else f"[gpustrap] removed from models--org--name: {said}\n")


def test_a_lock_that_somebody_holds_stays(store: Store, lock: Path) -> None:
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        take_away(store)
    assert lock.exists()


@pytest.mark.parametrize(("data", "stays"), [(b"nonsense", False), (b"%d\n\xff\n" % DEAD, True)])
def test_on_a_disk_without_flock_a_lock_that_names_another_host_stays(
    store: Store, lock: Path, monkeypatch, data: bytes, stays: bool
) -> None:
    def none(*_: object) -> None:
        raise OSError("Function not implemented")

    lock.write_bytes(data)
    monkeypatch.setattr(fcntl, "flock", none)
    take_away(store)
    assert lock.exists() == stays


def test_what_another_takes_away_meanwhile_ends_nothing(store: Store, lock: Path, monkeypatch) -> None:
    unlink = Path.unlink

    def second(self: Path, **how: bool) -> None:
        unlink(self)
        unlink(self, **how)

    lock.write_text(f"{DEAD}\n")
    monkeypatch.setattr(Path, "unlink", second)
    take_away(store)
    assert not lock.exists()


def test_on_a_disk_without_flock_an_empty_lock_is_one_that_was_left(store: Store, lock: Path, monkeypatch) -> None:
    def none(*_: object) -> None:
        raise OSError("Function not implemented")

    lock.touch()
    monkeypatch.setattr(fcntl, "flock", none)
    take_away(store)
    assert not lock.exists()


def test_a_part_that_nobody_writes_is_taken_away_and_ours_stays(store: Store, capsys) -> None:
    blobs = Path(store.cache, ONE.folder, "blobs")
    dead, ours, alive = (blobs / name for name in ("aa.1.incomplete", "aa.gpustrap", "aa.2.incomplete"))
    dead.write_bytes(bytes(3_000_000))
    ours.touch()
    with alive.open("w"):
        take_away(store)
    assert (dead.exists(), ours.exists(), alive.exists()) == (False, True, True)
    said = "0 locks and 1 parts of files (3 MB) of a client that is gone"
    assert capsys.readouterr().out == f"[gpustrap] removed from models--org--name: {said}\n"


def test_each_part_is_looked_for_among_all_that_is_open(store: Store, capsys) -> None:
    blobs = Path(store.cache, ONE.folder, "blobs")
    parts = [blobs / f"{at}.incomplete" for at in range(4)]
    with parts[0].open("w"), parts[1].open("w"), parts[2].open("w"), parts[3].open("w"):
        take_away(store)
    assert [path.exists() for path in parts] == [True] * 4 and capsys.readouterr().out == ""


def test_a_process_that_ends_while_all_are_looked_through_ends_nothing(store: Store, monkeypatch) -> None:
    blobs = Path(store.cache, ONE.folder, "blobs")
    dead = blobs / "aa.incomplete"
    dead.touch()
    listing = Path.iterdir

    def ended(self: Path):
        if self == Path("/proc", str(os.getpid()), "fd"):
            raise FileNotFoundError(2, "No such file or directory", str(self))
        return listing(self)

    monkeypatch.setattr(Path, "iterdir", ended)
    take_away(store)
    assert not dead.exists()
