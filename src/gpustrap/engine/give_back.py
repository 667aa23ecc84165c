"""What a role has left on an instance, as the operations that take it back: the same that wrote it, wanting nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import cast

from pyinfra.api import deploy

from gpustrap.engine.facts.tmux import SERVICES
from gpustrap.engine.facts.traces import Trace, Traces
from gpustrap.engine.operations import access, remains
from gpustrap.engine.operations.files import ManagedFile, ManagedKeys, managed
from gpustrap.language import tr

OWN = "gpustrap"  # in a role's place: what belongs to none
SERVICE_FILES = ("state", "state.new", "log-start", "log-lost", "log-lost.new", "refused", "files")
JOB_FILES = ("identity", "status", "status.new", "log", "log.1", "way")


def of_roles(traces: Traces, roles: Sequence[str], only: Sequence[str] | None) -> dict[str, tuple[Trace, ...]]:
    """Role → what is to be given back, in the order in which that is done: services end first, our folders go last.

    `roles` are those of the instance, in their order; `only` limits what is given back, None for all that there is.
    """
    known = dict.fromkeys(trace.role for trace in traces.all if trace.role)
    last = [role for role in reversed(roles) if role in known]
    order = dict.fromkeys(("services", *last, *known))
    wanted = [role for role in dict.fromkeys((*order, *(only or ()))) if only is None or role in only]
    found = {role: tuple(one for one in traces.all if one.role == role) for role in wanted}
    unknown = tuple(one for one in traces.all if not one.role)
    return found if only is not None else {**found, OWN: unknown}


def tasks_of(role: str) -> Callable[[Sequence[Trace]], None]:
    """The function that lines up the operations, as a role's own `tasks.py` has one."""

    def give_back(traces: Sequence[Trace]) -> None:
        if role == "services":
            remains.ended(
                name=tr("nothing runs"), socket="services", folders=_folders(traces, SERVICES), files=SERVICE_FILES
            )
        if jobs := _folders(traces, "/jobs"):
            remains.ended(name=tr("no job is at work"), socket="jobs", folders=jobs, files=JOB_FILES)
        for path in (trace.path for trace in traces if trace.block == access.BLOCK):
            access.only_keys(name=tr("keys"), path=path, keys=[], spares=True)
        if rest := [_unwanted(trace) for trace in traces if trace.block != access.BLOCK]:
            managed(name=tr("files"), files=rest)
        if role == OWN:
            remains.no_own_folders(name=tr("own folders"))

    return cast("Callable[[Sequence[Trace]], None]", deploy(role)(give_back))


def _folders(traces: Iterable[Trace], above: str) -> list[str]:
    """The folders of the scripts called `run` whose folder stands in one whose path ends with `above`."""
    folders = (trace.path.rpartition("/") for trace in traces if not trace.block)
    return [folder for folder, _, name in folders if name == "run" and folder.rpartition("/")[0].endswith(above)]


def _unwanted(trace: Trace) -> ManagedFile | ManagedKeys:
    if trace.form:
        return ManagedKeys(trace.path, trace.form, part=trace.role, spares=True)
    return ManagedFile(trace.path, None, block=trace.block, spares=True)
