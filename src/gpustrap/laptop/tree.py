"""A folder on this computer as it is to stand on an instance: each file with its mode and digest."""

from __future__ import annotations

import hashlib
import posixpath
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from gpustrap.errors import InstanceFailed
from gpustrap.language import tr
from gpustrap.laptop.listing import listed

MIB = 1024 * 1024
MOST_FILES = 20_000
SHOWN = 3  # of the biggest files
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
        _refuse_too_much(folder, sizes)
        _refuse_names(paths)
        return Tree(folder.path, tuple(_entry(folder.path, path) for path in paths))
    except OSError as error:
        said = tr("{file} cannot be read: {reason}", file=error.filename, reason=(error.strerror or "").lower())
        raise InstanceFailed(said, operation="files") from error


def sum_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _entry(root: Path, path: str) -> Entry:
    file = root / path
    if file.is_symlink():
        target = str(file.readlink())
        _refuse_outside(path, target)
        return Entry(LINK, sum_of(f"{target}\n".encode()), path)
    with file.open("rb") as data:
        return Entry(_mode(path, file.stat().st_mode), hashlib.file_digest(data, "sha256").hexdigest(), path)


def _mode(path: str, mode: int) -> str:
    """As git keeps it, but that what only its owner may read stays so, and secrets always are."""
    alone = not mode & (stat.S_IRGRP | stat.S_IROTH) or posixpath.basename(path).startswith(".env")
    runs = mode & stat.S_IXUSR
    return ("700" if runs else "600") if alone else ("755" if runs else "644")


def _refuse_outside(path: str, target: str) -> None:
    inside = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    if target.startswith("/") or inside.split("/")[0] == ".." or any(ord(one) < 32 for one in target):
        raise InstanceFailed(
            tr("the link {path} leads to {target}, outside of the folder", path=path, target=target),
            operation="files",
            hint=tr("put the file itself there, or leave the link out by a line in .gitignore"),
        )


def _refuse_names(paths: Sequence[str]) -> None:
    for path in paths:
        if "\\" in path or any(ord(one) < 32 or ord(one) == 127 or 0xD800 <= ord(one) <= 0xDFFF for one in path):
            raise InstanceFailed(
                tr("the file name {name} has characters that cannot be sent", name=ascii(path)),
                operation="files",
                hint=tr("rename it, or leave it out by a line in .gitignore"),
            )


def _refuse_too_much(folder: Folder, sizes: dict[str, int]) -> None:
    total = sum(sizes.values())
    if total <= folder.most_mib * MIB and len(sizes) <= MOST_FILES:
        return
    biggest = sorted(sizes, key=lambda path: -sizes[path])[:SHOWN]
    raise InstanceFailed(
        tr(
            "{folder} has {count} files of together {total} MiB, and {most} MiB in {files} files are the most that is"
            " sent; the biggest: {biggest}",
            folder=folder.path,
            count=len(sizes),
            total=-(-total // MIB),
            most=folder.most_mib,
            files=MOST_FILES,
            biggest=", ".join(f"{path} ({-(-sizes[path] // MIB)} MiB)" for path in biggest),
        ),
        operation="files",
        hint=tr("leave data out by a line in .gitignore, or raise project.most_mib"),
    )
