"""A project's Python environment, made by a detached job as its own files ask for it."""

from __future__ import annotations

import hashlib
from collections.abc import Generator

from pyinfra import host
from pyinfra.api import StringCommand, operation

from gpustrap.engine.by_facts import by_facts
from gpustrap.engine.facts.detached import DetachedJob, Job
from gpustrap.engine.facts.environment import EnvironmentState, State
from gpustrap.engine.facts.files import FileStates
from gpustrap.engine.notes import note, note_download
from gpustrap.engine.operations.detached import awaited, was_cut_off
from gpustrap.engine.operations.files import ManagedFile, change, managed
from gpustrap.engine.pyinfra_internals import commands_of
from gpustrap.errors import InstanceFailed
from gpustrap.language import tr
from gpustrap.resolve.download import Download
from gpustrap.resolve.environment import Environment


@operation()
@by_facts
def installed(
    environment: Environment, script: ManagedFile, job: Job, digest: str
) -> Generator[StringCommand, None, None]:
    """
    Have what a project asks for in its environment.

    + environment: what it is made of, and how
    + script: makes it; is to stand at the job's script
    + job: under which the script runs
    + digest: of the project's files: a job at work for others is ended
    """
    there = host.get_fact(EnvironmentState, environment=environment)
    _refuse(there, environment)
    state = host.get_fact(DetachedJob, job=job)
    if there == "ready" and state.done:
        host.noop(tr("{python} has what {file} asks for", python=environment.python, file=environment.asks))
        return
    identity = hashlib.sha256(script.data + digest.encode()).hexdigest()[:16]
    for line in (_why(there, environment), *was_cut_off(state)):
        note(line)
    note_download(Download(None))
    if state.running:
        note(tr("the installation is at work and is waited for"))
    if change(script, host.get_fact(FileStates, wanted=[(script.dest, "")]).get(script.dest), "0"):
        yield from commands_of(managed)(files=[script])
    yield awaited(job, identity, state)


def _refuse(there: State, environment: Environment) -> None:
    """What cannot be made, or of which nobody could say whether it is there."""
    words = {"file": environment.file, "folder": environment.venv, "project": environment.project}
    if there == "without-conda":
        raise InstanceFailed(
            tr("there is no conda on this instance, and {file} is installed by it", **words),
            hint=tr(
                "install it there (mamba or micromamba alone cannot say what is missing); or write a requirements.txt,"
                " or set project.environment: none"
            ),
        )
    if there == "unsaid":
        raise InstanceFailed(
            tr("conda on this instance cannot say whether {folder} has what {file} asks for", **words),
            hint=tr("`conda compare --prefix {folder} {project}/{file}` there shows why", **words),
        )


def _why(there: State, environment: Environment) -> str:
    words = {"python": environment.python, "file": environment.asks}
    if there == "ready":
        return tr("the last installation did not end well and is done again")
    if there == "absent":
        return tr("{python}: is made, as {file} asks for it", **words)
    return tr("{python}: lacks something that {file} asks for", **words)
