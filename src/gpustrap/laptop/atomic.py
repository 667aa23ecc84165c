"""Files on the laptop, written whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_atomically(path: Path, text: str | bytes) -> None:
    """Replace the file as a whole; a link to it stays a link. Its folder, 0700, is made where it is missing.

    A new file is 0600 from its first byte, one that is there keeps its mode and owner. Raises OSError, with the file's
    name, and then leaves what was there.
    """
    with _named(path):
        _replace(path.resolve(), text)


def need_room(folder: Path) -> None:
    """Raises OSError, with the folder's name, where nothing can be written into it."""
    with _named(folder), tempfile.TemporaryFile(dir=folder) as file:
        file.write(bytes(4096))


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """An OSError names it: a write that fails knows no file, one that renames knows the temporary one."""
    try:
        yield
    except OSError as error:
        error.filename = str(path)
        raise


def _replace(path: Path, text: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode() if isinstance(text, str) else text)
        if path.exists():
            _keep_owner(path, temporary)
            shutil.copymode(path, temporary)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _keep_owner(path: Path, temporary: str) -> None:
    wanted, has = path.stat(), os.stat(temporary)  # noqa: PTH116
    if (wanted.st_uid, wanted.st_gid) != (has.st_uid, has.st_gid):
        os.chown(temporary, wanted.st_uid, wanted.st_gid)
