"""What gpustrap itself keeps on an instance, taken away: sessions, what they wrote, its own folders."""

from __future__ import annotations

import shlex
from collections.abc import Generator, Sequence
from typing import Literal

from pyinfra import host
from pyinfra.api import StringCommand, operation

from gpustrap.engine.batch import ROOMS
from gpustrap.engine.by_facts import by_facts
from gpustrap.engine.facts.files import STATE_DIR
from gpustrap.engine.facts.tmux import LOGS, tmux_script
from gpustrap.engine.facts.traces import OwnFolders, Remains
from gpustrap.engine.notes import note
from gpustrap.language import tr


@operation()
@by_facts
def ended(
    socket: Literal["services", "jobs"], folders: Sequence[str], files: Sequence[str]
) -> Generator[StringCommand, None, None]:
    """
    End all that runs on one of our tmux servers, with all that it started, and remove what it wrote for us.

    + socket: which server
    + folders: where its scripts stand
    + files: the names of what is written beside them; a folder counts while it is empty
    """
    left = host.get_fact(Remains, socket=socket, folders=tuple(folders), files=tuple(files))
    if not left.sessions and not left.files:
        host.noop(tr("nothing runs there"))
        return
    if left.sessions:
        note(tr("ends: {sessions}", sessions=", ".join(left.sessions)))
    if left.files:
        note(tr("goes: {files}", files=", ".join(left.files)))
    stop = f"stop {shlex.join(left.sessions)}\n" if left.sessions else ""
    remove = f"away {shlex.join(left.files)}\n" if left.files else ""
    yield StringCommand(tmux_script("remains", socket) + stop + remove + ":")


@operation()
@by_facts
def no_own_folders() -> Generator[StringCommand, None, None]:
    """Remove gpustrap's records, logs and sockets. An original that was not put back is set aside, and stays."""
    folders = host.get_fact(OwnFolders)
    if not folders:
        host.noop(tr("gpustrap has no folder there"))
        return
    note(tr("goes: {files}", files=", ".join(folders)))
    yield StringCommand(tmux_script("own-remove", "services", state=STATE_DIR, logs=LOGS, rooms=ROOMS))
