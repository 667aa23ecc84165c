"""Whose turn it is on an instance, and whose instance it is."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from gpustrap.engine.failures import of_operation
from gpustrap.engine.scripts import script
from gpustrap.errors import InstanceFailed
from gpustrap.run.work import Work

STATE_FOLDER = "/var/lib/gpustrap"
PATIENCE_SECONDS = 1800
STILL_HELD = 75


def owner_of(work: Work, project: Path) -> str:
    """What the instance carries: `PROJECT/INSTANCE`. A person and his CI have the same project folder's name."""
    return f"{project.resolve().name}/{work.name}"


def check_owner(work: Work, project: Path) -> None:
    """Let another project's or instance's box be, unless the person says that it shall be taken over.

    Raises InstanceFailed where nobody can be asked, or the person says no.
    """
    other, ask = other_owner(work, project), work.options.takes_over
    if other is None or work.options.take_over:
        return
    with work.options.patience.counted():
        if ask is not None and ask(work.name, other):
            return
    raise InstanceFailed(
        f"{other}: its files and services would be replaced",
        operation="owner",
        hint=f"if that is meant: `gpustrap up {work.instance.typed} --take-over`",
    )


def other_owner(work: Work, project: Path) -> str | None:
    """`it is set up as 'other/trainer', not as 'mine/trainer'`; None where it is ours or nobody's."""
    assert work.survey is not None
    there, ours = work.survey.owner, owner_of(work, project)
    return None if there in (None, ours) else f"it is set up as '{there}', not as '{ours}'"


def take_lock(work: Work, project: Path) -> None:
    """Wait until nobody else changes this instance, then keep others waiting until the connection ends."""
    waited: list[str] = []

    def hear(line: str) -> None:
        if line.startswith("waiting"):
            waited.append(line)
            work.says(f"waits for {line.removeprefix('waiting').strip() or 'another run'}, who works on it")

    holder = f"{os.environ.get('USER') or 'somebody'}@{socket.gethostname()} (process {os.getpid()})"
    text = script("lock", folder=STATE_FOLDER, holder=holder, owner=owner_of(work, project), seconds=PATIENCE_SECONDS)
    answer = work.session.connector.change(text, on_line=hear)
    if answer.status == STILL_HELD:
        raise InstanceFailed(
            f"still worked on by another run after {PATIENCE_SECONDS // 60} minutes",
            operation="lock",
            hint=f"`cat {STATE_FOLDER}/lock.holder` there says whose it is",
        )
    if answer.status != 0:
        raise of_operation(answer.stderr.decode("utf-8", "replace").splitlines(), True, None, "lock")
    if waited:
        work.session.connector.refresh()  # what the other one has changed
