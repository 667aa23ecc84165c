"""The one line in the person's ~/.ssh/config by which ssh reads gpustrap's own entries."""

from __future__ import annotations

import re
from pathlib import Path

from gpustrap.errors import BadInput, Fault
from gpustrap.language import tr
from gpustrap.laptop.atomic import write_atomically
from gpustrap.laptop.locks import locked
from gpustrap.laptop.paths import home
from gpustrap.laptop.ssh_entries import entries_file, has_made_config, put, take


def config_file() -> Path:
    return Path("~/.ssh/config").expanduser()


def install(project: Path, entries: str) -> bool:
    """Put the project's entries into our file, and see that ssh reads it. Whether the line had to be added.

    All else in ~/.ssh/config stays as it is. Raises BadInput where that has several names (hard links), OSError
    where a file cannot be written.
    """
    line = _line()
    with locked(home() / "ssh_config.lock"):
        there = config_file().exists()
        before = config_file().read_bytes() if there else b""
        # Behind the first `Host` or `Match` it would count for some hosts only.
        top = re.split(rb"(?im)^[ \t]*(?:host|match)[ \t=]", before, maxsplit=1)[0]
        if line in top.splitlines(keepends=True):
            put(project, entries, made_config=has_made_config())
            return False
        _must_have_one_name(line)
        put(project, entries, made_config=not there)
        write_atomically(config_file(), line + before)
    return True


def remove(project: Path | None) -> bool:
    """Take the project's entries away, or all of them; with the last of them the line in ~/.ssh/config goes too.

    Whether something was there. Raises as `install` does.
    """
    with locked(home() / "ssh_config.lock"):
        made = has_made_config()
        was_there, left = take(project)
        return was_there if left else _take_line_away(made) or was_there


def _take_line_away(made: bool) -> bool:
    ours = _line()
    lines = config_file().read_bytes().splitlines(keepends=True) if config_file().exists() else []
    if ours not in lines:
        return False
    _must_have_one_name(ours)
    rest = b"".join(line for line in lines if line != ours)
    if rest or not made:
        write_atomically(config_file(), rest)
    else:
        config_file().unlink()
    return True


def _line() -> bytes:
    """The line, with its end. Raises BadInput for a path that ssh would read otherwise (ssh_config(5), glob(7))."""
    path = str(entries_file())
    if re.search(r"[\"'\\%$*?\[\]{}\x00-\x1f]", path):
        raise BadInput(
            Fault(
                tr("no ssh_config can name the file {path!r}", path=path), hint=tr("GPUSTRAP_HOME names another folder")
            )
        )
    return f'Include "{path}"\n'.encode()


def _must_have_one_name(line: bytes) -> None:
    if config_file().exists() and config_file().stat().st_nlink > 1:
        message = tr("has several names (hard links), and a new file in its place would cut them")
        raise BadInput(
            Fault(message, str(config_file()), hint=tr("edit the line yourself: {line}", line=line.decode().strip()))
        )
