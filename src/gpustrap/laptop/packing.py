"""Files of a folder packed for the way to an instance, in parts of which each fits into one request."""

from __future__ import annotations

import base64
import io
import tarfile
from collections.abc import Iterable, Iterator, Mapping

from gpustrap.errors import InstanceFailed
from gpustrap.language import tr
from gpustrap.laptop.tree import LINK, Entry, Tree, sum_of

PART_BYTES = 16_000_000  # of the files that travel in one request


def size_of(tree: Tree, entry: Entry) -> int:
    """In bytes, as it is now."""
    return 0 if entry.mode == LINK else (tree.root / entry.path).stat().st_size


def portions(tree: Tree, entries: Iterable[Entry]) -> Iterator[tuple[Entry, ...]]:
    """The entries in order, a little more than PART_BYTES in each part but the last."""
    portion, size = list[Entry](), 0
    for entry in entries:
        portion.append(entry)
        size += size_of(tree, entry)
        if size > PART_BYTES:
            yield tuple(portion)
            portion, size = [], 0
    if portion:
        yield tuple(portion)


def archive(tree: Tree, entries: Iterable[Entry], lists: Mapping[str, str]) -> str:
    """A gzipped tar in base64: the files below `tree`, the `lists` by their names.

    Raises InstanceFailed for a file that is not any more what it was a moment ago.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=6, format=tarfile.PAX_FORMAT) as tar:
        _add(tar, tarfile.TarInfo("tree"), 0o755, kind=tarfile.DIRTYPE)
        for entry in entries:
            _add_entry(tar, tree, entry)
        for name, text in lists.items():
            _add(tar, tarfile.TarInfo(name), 0o600, text.encode())
    return base64.encodebytes(buffer.getbuffer()).decode()


def _add_entry(tar: tarfile.TarFile, tree: Tree, entry: Entry) -> None:
    file, member = tree.root / entry.path, tarfile.TarInfo(f"tree/{entry.path}")
    try:
        member.mtime = int(file.lstat().st_mtime)
        data = f"{file.readlink()}\n".encode() if entry.mode == LINK else file.read_bytes()
    except OSError:
        data = b""
    if sum_of(data) != entry.sum:
        said = tr("{path} was changed here while it was sent", path=entry.path)
        raise InstanceFailed(said, hint=tr("run the same command again"))
    if entry.mode == LINK:
        member.linkname = data.decode().removesuffix("\n")
        _add(tar, member, 0o777, kind=tarfile.SYMTYPE)
    else:
        _add(tar, member, int(entry.mode, 8), data)


def _add(
    tar: tarfile.TarFile, member: tarfile.TarInfo, mode: int, data: bytes = b"", kind: bytes = tarfile.REGTYPE
) -> None:
    member.size, member.mode, member.type = len(data), mode, kind
    tar.addfile(member, io.BytesIO(data))
