"""A folder on this computer as it is to stand on an instance: each file with its mode and digest."""

from __future__ import annotations

import hashlib
import posixpath
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from gpustrap.errors import InstanceFailed
from gpustrap.language import tr
from gpustrap.laptop.listing import listed
from gpustrap.laptop.sendable import refuse_all, refuse_name, refuse_outside, refuse_too_much

LINK = "link"  # in the place of a mode


@dataclass(frozen=True)
class Folder:
    """A folder, the patterns that go along although .gitignore leaves them out, and how much it may be."""

    path: Path
    also: tuple[str, ...] = ()
    most_mib: int = 256


@dataclass(frozen=True)
class Entry:
    """One file: its mode, such as "644", and the SHA-256 of what is in it; or "link" and that of where it leads."""

    mode: str
    sum: str
    path: str  # relative to the folder, such as a/b.py

    @property
    def line(self) -> str:
        """As it stands in the record of what was sent."""
        return f"{self.mode} {self.sum} {self.path}"


@dataclass(frozen=True)
class Tree:
    """The entries, in alphabetical order. `root` is where the files lie on this computer."""

    root: Path
    entries: tuple[Entry, ...] = field(repr=False)

    @cached_property
    def digest(self) -> str:
        """Changes whenever one of the files, its mode or its name does."""
        return hashlib.sha256(text_of(self.entries).encode()).hexdigest()


def text_of(entries: Iterable[Entry]) -> str:
    """The record of these entries, a line each."""
    return "".join(f"{entry.line}\n" for entry in sorted(entries, key=lambda entry: entry.path))


@cache
def tree_of(folder: Folder) -> Tree:
    """The folder as it is at the first call of this process. Raises InstanceFailed naming what cannot be sent."""
    try:
        paths = listed(folder.path, folder.also)
        sizes = {path: (folder.path / path).lstat().st_size for path in paths}
    except OSError as error:
        raise _unreadable(error) from error
    refuse_too_much(folder.path, sizes, folder.most_mib)
    return Tree(folder.path, tuple(_entries(folder.path, paths)))


def _entries(root: Path, paths: Iterable[str]) -> list[Entry]:
    entries, refused = [], []
    for path in paths:
        try:
            refuse_name(path)
            entries.append(_entry(root, path))
        except OSError as error:
            refused.append(_unreadable(error))
        except InstanceFailed as failed:
            refused.append(failed)
    refuse_all(refused)
    return entries


def _unreadable(error: OSError) -> InstanceFailed:
    said = tr("{file} cannot be read: {reason}", file=error.filename, reason=(error.strerror or "").lower())
    return InstanceFailed(said, operation="files")


def sum_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _entry(root: Path, path: str) -> Entry:
    file = root / path
    if file.is_symlink():
        target = str(file.readlink())
        refuse_outside(path, target)
        return Entry(LINK, sum_of(f"{target}\n".encode()), path)
    with file.open("rb") as data:
        return Entry(_mode(path, file.stat().st_mode), hashlib.file_digest(data, "sha256").hexdigest(), path)


def _mode(path: str, mode: int) -> str:
    """As git keeps it, but that what only its owner may read stays so, and secrets always are."""
    alone = not mode & (stat.S_IRGRP | stat.S_IROTH) or posixpath.basename(path).startswith(".env")
    runs = mode & stat.S_IXUSR
    return ("700" if runs else "600") if alone else ("755" if runs else "644")
