"""The services that `up` started: waited for together, by one exec, and named each that does not get ready."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gpustrap.engine.facts.service_troubles import sentence
from gpustrap.engine.facts.tmux import STEADY_SECONDS, Running, TmuxServices
from gpustrap.engine.operations.tmux import reason_to_start
from gpustrap.engine.services import files_of, identity, probes
from gpustrap.engine.session import Operation
from gpustrap.errors import InstanceFailed, log_lines
from gpustrap.language import mark, tr
from gpustrap.resolve.service import Service, Services
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
        work.unready = {**unready(chosen.services, waited(work, chosen.services)), **work.unready}


def unready(wanted: Sequence[Service], seen: Mapping[str, Running]) -> dict[str, str]:
    """Service → why it is not as wanted, with the end of its log."""
    found: dict[str, str] = {}
    for one in wanted:
        running = seen.get(one.name)
        if reason_to_start(running, identity(files_of(one), one.code), one.restart) is not None:
            written = log_lines(one.name, running.log) if running else []
            found[one.name] = "\n".join([why_not(one.name, running), *written])
    return found


def why_not(service: str, running: Running | None) -> str:
    if running is None:
        return tr("{service} has no session any more", service=service)
    if running.stopped:
        return tr("{service} is held by a signal (SIGSTOP)", service=service)
    return sentence(service, running.trouble or tr("it is not as `up` starts it"))


def waited(work: Work, wanted: Sequence[Service]) -> dict[str, Running]:
    """How each is once it is ready, cannot get so, or its time is over; all at the same time."""
    patience = {one.name: max(one.ready_seconds, 0 if one.port else STEADY_SECONDS) for one in wanted}
    command = TmuxServices().command(probes(wanted), steady=STEADY_SECONDS, ready=patience)
    answer = work.session.connector.change(command, seconds=max(patience.values()) + ANSWER_SECONDS)
    if answer.status != 0:
        said = answer.stderr.decode("utf-8", "replace").strip()
        raise InstanceFailed(said or tr("the services gave no answer"), role="services")
    return TmuxServices().process(answer.stdout.decode("utf-8", "replace").splitlines())
