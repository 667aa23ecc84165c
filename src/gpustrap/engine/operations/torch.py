"""torch in a Python of the instance, installed by a detached job, and the card that was last seen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Mapping, Sequence

from pyinfra import host
from pyinfra.api import StringCommand, operation

from gpustrap.engine.by_facts import by_facts
from gpustrap.engine.facts.detached import DetachedJob, Job, JobState
from gpustrap.engine.facts.files import FileStates
from gpustrap.engine.facts.torch import PythonPackages
from gpustrap.engine.notes import note, note_download
from gpustrap.engine.operations.detached import awaited, was_cut_off
from gpustrap.engine.operations.files import ManagedFile, change, managed
from gpustrap.engine.pyinfra_internals import commands_of
from gpustrap.language import tr
from gpustrap.resolve.download import Download


@operation()
@by_facts
def installed(
    python: str,
    versions: Mapping[str, Sequence[str]],
    script: ManagedFile,
    job: Job,
    standing: str,
    reasons: Sequence[str],
    download: Download | None = None,
) -> Generator[StringCommand, None, None]:
    """
    Have torch and what belongs to it at one of the right versions in a Python.

    + python: the interpreter; one that is not there is made by the script
    + versions: package → the versions that are right; "python" is the interpreter itself
    + script: installs them; is to stand at the job's script
    + job: under which the script runs
    + standing: what is said when all is right
    + reasons: why it is these, said when something is installed
    + download: what the script fetches where nothing is there yet
    """
    there = host.get_fact(PythonPackages, python=python, packages=[name for name in versions if name != "python"])
    state = host.get_fact(DetachedJob, job=job)
    wrong = mismatches(versions, there)
    if not wrong and state.done:
        host.noop(standing)
        return
    identity = hashlib.sha256(script.data).hexdigest()[:16]
    for line in (*wrong, *_unfinished(state, wrong), *reasons):
        note(line)
    if download:
        note_download(download)
    if change(script, host.get_fact(FileStates, wanted=[(script.dest, "")]).get(script.dest), "0"):
        yield from commands_of(managed)(files=[script])
    yield awaited(job, identity, state)


def mismatches(versions: Mapping[str, Sequence[str]], there: Mapping[str, str]) -> list[str]:
    """`torch: 2.12.0+cpu → 2.13.0+cpu` for each package that has none of its right versions."""
    return [
        f"{name}: {there.get(name, tr('none'))} → {right[0]}"
        for name, right in versions.items()
        if there.get(name) not in right
    ]


def _unfinished(state: JobState, wrong: Sequence[str]) -> list[str]:
    if state.running:
        return [tr("the installation is at work and is waited for")]
    if state.cut_off:
        return was_cut_off(state)
    return [] if wrong else [tr("the last installation did not end well and is done again")]


@operation()
@by_facts
def remembered(
    path: str, card: Mapping[str, object] | None, says: Sequence[str]
) -> Generator[StringCommand, None, None]:
    """
    Write down the card that is seen, for a later start without one.

    + path: the file
    + card: what is written; None where no card is visible: what was written down stays
    + says: how it differs from what was declared or remembered, said when it is written
    """
    if card is None:
        host.noop(tr("no card is visible: what was written down of one stays"))
        return
    commands = list(commands_of(managed)(files=[ManagedFile(path, json.dumps(card))]))
    for line in says if commands else ():
        note(line)
    yield from commands
