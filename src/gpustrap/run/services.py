"""The services that `up` started: waited for together, by one exec, and named each that does not get ready."""

from __future__ import annotations

from collections.abc import Sequence

from gpustrap.engine.service_versions import Settled, read_settled, settling, settling_seconds
from gpustrap.engine.session import Operation
from gpustrap.errors import InstanceFailed
from gpustrap.language import mark, tr
from gpustrap.resolve.service import Service, Services
from gpustrap.run.unready import unready
from gpustrap.run.work import Work

PROMISE = mark("runs and is ready")
ANSWER_SECONDS = 60  # for what is done around the waiting


def service_of(operation: Operation) -> str:
    """The service that an operation of the role is about; nothing for one that is about all of them."""
    return operation.name.partition(": ")[0] if operation.role == "services" and ": " in operation.name else ""


def await_services(work: Work) -> None:
    """Where services were started: wait until each is ready or cannot get so. `work.unready` says which are not.

    Of one that could not be written that is said, and not what came of it.
    """
    chosen = work.chosen.get("services")
    if isinstance(chosen, Services) and chosen.services and any(one.role == "services" for one in work.result.changed):
        work.watcher.starts(work.name, Operation("services", tr("waits until all are ready"), ""))
        work.unready = {**unready(chosen.services, settled(work, chosen.services, whole=True)), **work.unready}


def settled(work: Work, wanted: Sequence[Service], *, whole: bool = False) -> Settled:
    """How each is once it is ready, cannot get so, or its time is over, all at the same time; and what came of that."""
    answer = work.session.connector.change(
        settling(wanted, whole=whole), seconds=settling_seconds(wanted) + ANSWER_SECONDS
    )
    if answer.status != 0:
        said = answer.stderr.decode("utf-8", "replace").strip()
        raise InstanceFailed(said or tr("the services gave no answer"), role="services")
    seen = read_settled(answer.stdout.decode("utf-8", "replace").splitlines())
    for name, seconds in seen.gaps.items():
        work.says(tr("{service}: nobody answered for {seconds} s", service=name, seconds=seconds))
    for name in seen.moved:
        work.says(tr("{service}: the new version has taken over, the one before answered until then", service=name))
    return seen
