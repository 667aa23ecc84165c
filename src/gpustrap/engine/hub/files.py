"""Files of a cache: what changes when somebody writes to one, and its digest. Runs on the instance."""

from __future__ import annotations

import hashlib
from pathlib import Path

CHUNK = 1 << 20


def state_of(path: Path) -> list[int] | None:
    """What changes when somebody writes to the file: size and time."""
    try:
        told = path.stat()
    except OSError:
        return None
    return [told.st_size, told.st_mtime_ns]


def digest_of(path: Path, kind: str) -> str:
    """SHA-256 of a file, or git's SHA-1 of it, as the hub names small files."""
    made = hashlib.new("sha256" if kind == "sha256" else "sha1", usedforsecurity=False)
    if kind != "sha256":
        made.update(b"blob %d\0" % path.stat().st_size)
    with path.open("rb") as data:
        while piece := data.read(CHUNK):
            made.update(piece)
    return made.hexdigest()
