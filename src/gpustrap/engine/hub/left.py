"""What a client that is gone has left in the cache: locks that hold others, parts of files. Runs on the instance."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from gpustrap.engine.hub.held import stored
from gpustrap.resolve.hub import Store, Wanted


def take_away(store: Store, wanted: Wanted) -> None:
    """Remove what nobody holds, and say how much."""
    locks = [path for path in Path(store.cache, ".locks", wanted.folder).glob("*.lock") if _is_orphan(path)]
    opened = set(_opened())
    # huggingface_hub 2.4.0 gives each part a name of its own: after a kill nobody would go on with it.
    blobs = stored(store, wanted) / "blobs"
    parts = [path for path in blobs.glob("*.incomplete") if str(path.resolve()) not in opened]
    freed = sum(path.stat().st_size for path in parts)
    for path in (*locks, *parts):
        path.unlink(missing_ok=True)
    if locks or parts:
        said = f"{len(locks)} locks and {len(parts)} parts of files ({freed // 1000000} MB)"
        print(f"[gpustrap] removed from {wanted.folder}: {said} of a client that is gone", flush=True)


def _is_orphan(lock: Path) -> bool:
    """flock goes with its process, and what it leaves holds nobody. Where a disk has none, filelock writes a file with
    its process and host, which holds others for as long as it stands."""
    pid, host = _holder(lock)
    if pid and host in ("", os.uname().nodename):
        return not Path("/proc", str(pid)).exists()
    if pid:
        return False
    try:
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # no flock here, and an older filelock that wrote nothing
        return True
    return False


def _holder(lock: Path) -> tuple[int, str]:
    with suppress(OSError, ValueError):
        words = lock.read_text("utf-8", errors="replace").split()
        return (int(words[0]), " ".join(words[1:2])) if words else (0, "")
    return 0, ""


def _opened() -> Iterator[str]:
    """Every file that a process has open, of those that may be asked."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended, or is not ours to ask
            for link in (process / "fd").iterdir():
                with suppress(OSError):
                    yield str(link.readlink())
