"""What cannot be sent to an instance, named in a sentence."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from pathlib import Path

from gpustrap.errors import InstanceFailed
from gpustrap.language import tr

MIB = 1024 * 1024
MOST_FILES = 20_000
SHOWN = 3  # files by name


def refuse_outside(path: str, target: str) -> None:
    """Raise InstanceFailed for a link that leads out of the folder, or into nothing that a list can hold."""
    inside = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    if target.startswith("/") or inside.split("/")[0] == ".." or any(ord(one) < 32 for one in target):
        raise InstanceFailed(
            tr("the link {path} leads to {target}, outside of the folder", path=path, target=target),
            operation="files",
            hint=tr("put the file itself there, or leave the link out by a line in .gitignore"),
        )


def refuse_name(path: str) -> None:
    """Raise InstanceFailed for a name that no list of lines can hold."""
    if "\\" in path or any(ord(one) < 32 or ord(one) == 127 or 0xD800 <= ord(one) <= 0xDFFF for one in path):
        raise InstanceFailed(
            tr("the file name {name} has characters that cannot be sent", name=ascii(path)),
            operation="files",
            hint=tr("rename it, or leave it out by a line in .gitignore"),
        )


def refuse_all(refused: Sequence[InstanceFailed]) -> None:
    """Raise InstanceFailed that names them, so that nobody mends one a run; of many the first, and how many."""
    if not refused:
        return
    said = [each.error for each in refused[:SHOWN]]
    if len(refused) > SHOWN:
        said.append(tr("and {count} more", count=len(refused) - SHOWN))
    hints = dict.fromkeys(each.hint for each in refused if each.hint)
    raise InstanceFailed("; ".join(said), operation="files", hint="; ".join(hints) or None)


def refuse_too_much(folder: Path, sizes: Mapping[str, int], most_mib: int) -> None:
    """Raise InstanceFailed naming the biggest files. `sizes`: path → bytes."""
    total = sum(sizes.values())
    if total <= most_mib * MIB and len(sizes) <= MOST_FILES:
        return
    biggest = sorted(sizes, key=lambda path: -sizes[path])[:SHOWN]
    raise InstanceFailed(
        tr(
            "{folder} has {count} files of together {total} MiB, and {most} MiB in {files} files are the most that is"
            " sent; the biggest: {biggest}",
            folder=folder,
            count=len(sizes),
            total=-(-total // MIB),
            most=most_mib,
            files=MOST_FILES,
            biggest=", ".join(f"{path} ({-(-sizes[path] // MIB)} MiB)" for path in biggest),
        ),
        operation="files",
        hint=tr("leave data out by a line in .gitignore, or raise project.most_mib"),
    )
