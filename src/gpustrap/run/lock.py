"""Whose turn it is on an instance."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from gpustrap.engine.advance import Opening
from gpustrap.engine.batch import Answer
from gpustrap.engine.failures import of_operation
from gpustrap.engine.scripts import script, text_of
from gpustrap.errors import InstanceFailed
from gpustrap.language import tr
from gpustrap.run.owner import owner_of
from gpustrap.run.work import Work

STATE_FOLDER = "/var/lib/gpustrap"
PATIENCE_SECONDS = 1800
STILL_HELD = 75


def lock(work: Work, project: Path) -> Opening:
    """Wait until nobody else changes this instance, then keep others waiting until the connection ends."""

    def hear(line: str) -> None:
        if line.startswith("waiting"):
            who = line.removeprefix("waiting").strip() or tr("another run")
            work.says(tr("waits for {who}, who works on it", who=who))

    holder = f"{os.environ.get('USER') or 'somebody'}@{socket.gethostname()} (process {os.getpid()})"
    return Opening(lock_script(holder, owner_of(work, project)), hear, _judge)


def lock_script(holder: str, owner: str, folder: str = STATE_FOLDER, seconds: int = PATIENCE_SECONDS) -> str:
    """The script that takes the lock for `holder` and writes down whose the instance is."""
    return text_of("server") + script("lock", folder=folder, holder=holder, owner=owner, seconds=seconds)


def _judge(answer: Answer) -> None:
    if answer.status == STILL_HELD:
        raise InstanceFailed(
            tr("still worked on by another run after {minutes} minutes", minutes=PATIENCE_SECONDS // 60),
            operation="lock",
            hint=tr("`cat {state_folder}/lock.holder` there says whose it is", state_folder=STATE_FOLDER),
        )
    if answer.status != 0:
        raise of_operation(answer.stderr.decode("utf-8", "replace").splitlines(), True, None, "lock")
