"""One service by a person's hand: stopped, started, restarted. What is on the instance is what hosts.yml says, or it is
`up` that brings it there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from gpustrap.engine import failures
from gpustrap.engine.facts.files import FileStates
from gpustrap.engine.facts.tmux import (
    LOGS,
    SERVICES,
    UNITS,
    Running,
    TmuxServices,
    beside_script,
    port_word,
    services_script,
    start_script,
)
from gpustrap.engine.operations.files import ManagedFile, difference
from gpustrap.engine.operations.tmux import leads
from gpustrap.engine.service_versions import GIVEN_MOST, Settled, read_settled, rollback
from gpustrap.engine.services import files_of, identity_of, probes
from gpustrap.errors import InstanceFailed
from gpustrap.inventory.instance import Instance
from gpustrap.language import tr
from gpustrap.resolve.gateway import SERVICE as GATEWAY
from gpustrap.resolve.service import Service, Services
from gpustrap.run import steps
from gpustrap.run.lock import lock
from gpustrap.run.owner import check_owner
from gpustrap.run.report import Change, Result, ServiceState
from gpustrap.run.service_looks import decided
from gpustrap.run.services import settled
from gpustrap.run.unready import unready
from gpustrap.run.watcher import Watcher
from gpustrap.run.work import Options, Work, on_all

ROLE = "services"
STOP_SECONDS = 60  # more than a session's end may take: it is asked to, waited for, and made to


def by_hand(
    verb: str, instance: Instance, service: str, project: Path, options: Options, watcher: Watcher
) -> dict[str, Result]:
    """`stop`, `start`, `restart` or `rollback` one service, while nobody else changes the instance.

    A service that is stopped stays so until the next `start`, `restart` or `up`.
    """

    def one(work: Work) -> None:
        steps.connect(work)
        steps.survey(work)
        check_owner(work, project)
        assert work.survey is not None
        chosen = decided(instance, work.survey, work.public_urls)
        opening = lock(work, project)
        opening.judge(work.session.connector.change(opening.text, on_line=opening.hear))
        VERBS[verb](work, next(each for each in chosen.services if each.name == service), chosen)

    return on_all([instance], project, options, watcher, one)


def _stop(work: Work, service: Service, _: Services) -> None:
    port = port_word(service.port)
    said = _done(work, services_script("service-stop", service=service.name, units=UNITS, port=port), service)
    _note(work, tr("{service}: stopped", service=service.name) if "stopped" in said else None)
    for who in (line.removeprefix("taken ") for line in said if line.startswith("taken ")):
        words = {"service": service.name, "port": port, "who": who}
        note = tr("{service}: its port {port} is still listened on, by {who}: end that on the instance", **words)
        work.result.notes.append(note)
        work.says(note)


def _start(work: Work, service: Service, _: Services) -> None:
    seen = _running(work, [service]).get(service.name)
    if seen is None or seen.ended or seen.stuck or seen.stopped or seen.refused:
        _begin(work, _as_there(service, seen), tr("{service}: started", service=service.name))
    else:
        _note(work, None)
        _await(work, _as_there(service, seen))


def _restart(work: Work, service: Service, chosen: Services) -> None:
    """Where the gateway leads to one that answers, the new one starts beside it, as a changed one does in `up`."""
    front = _front_of(service, chosen)
    sessions = _running(work, [service, *front])
    seen, what = sessions.get(service.name), tr("{service}: restarted", service=service.name)
    if _may_move(service, sessions, front):
        _begin_beside(work, _as_there(service, seen), chosen, what)
    else:
        _begin(work, _as_there(service, seen), what)


def _rollback(work: Work, service: Service, chosen: Services) -> None:
    """Raises InstanceFailed where there is no version before, or it does not get ready: the present one runs again, or
    has answered all along.
    """
    front, fact = _front_of(service, chosen), TmuxServices()
    command = fact.command(probes([service, *front]))
    answer = work.session.connector.ask((command,)).get(command) if front else None
    sessions = fact.process(answer.stdout.decode("utf-8", "replace").splitlines()) if answer else {}
    taken = [each.port for each in chosen.services if each.port] if _may_move(service, sessions, front) else []
    work.says(tr("waits until {service} is ready", service=service.name))
    said = _done(work, rollback(service, taken), service, 2 * GIVEN_MOST + 2 * STOP_SECONDS)
    seen = read_settled(said)
    again = seen.again.get(service.name)
    if "none" in said or (again is None and service.name not in seen.moved):
        why = tr("there is no version of {service} before this one", service=service.name)
        raise InstanceFailed(why, role=ROLE, operation=service.name)
    if (wrong := _not_back(seen, service.name)) is not None:
        raise InstanceFailed(wrong, role=ROLE, operation=service.name)
    _note(work, tr("{service}: the version before runs again", service=service.name))
    if again is not None and again.gap_seconds is not None:
        work.says(tr("{service}: nobody answered for {seconds} s", service=service.name, seconds=again.gap_seconds))
    work.says(tr("`gpustrap up {typed}` brings back what hosts.yml says", typed=work.instance.typed))
    work.result.services[service.name] = ServiceState(service.url, service.local_url, True)


def _front_of(service: Service, chosen: Services) -> list[Service]:
    """The gateway that could lead to another one of it; none for a service of which two cannot run at once."""
    return [each for each in chosen.services if each.name == GATEWAY] if service.beside else []


def _may_move(service: Service, sessions: Mapping[str, Running], front: Sequence[Service]) -> bool:
    """Whether another one can start beside the one that answers, with the gateway in front of them."""
    seen = sessions.get(service.name)
    return bool(front and seen and seen.ready) and leads(sessions, {each.name: identity_of(each) for each in front})


def _not_back(seen: Settled, service: str) -> str | None:
    """Why the version before does not run, in words."""
    if service in seen.moved:
        return None
    if (again := seen.again[service]).trouble:
        return tr("the version before does not get ready: {why}; the present one was started again", why=again.trouble)
    trouble = seen.sessions[service].trouble if service in seen.sessions else ""
    if not trouble:
        return None
    return tr("the version before does not get ready: {why}; the present one has answered all along", why=trouble)


VERBS: Mapping[str, Callable[[Work, Service, Services], None]] = {
    "stop": _stop,
    "start": _start,
    "restart": _restart,
    "rollback": _rollback,
}


def _running(work: Work, asked: Sequence[Service]) -> Mapping[str, Running]:
    """How they run now. Raises InstanceFailed where files of the first are not there, or are not those of hosts.yml."""
    service, files = asked[0], files_of(asked[0])
    sessions, states = TmuxServices(), FileStates()
    commands = sessions.command(probes(asked)), states.command([(file.dest, file.block) for file in files])
    answers = work.session.connector.ask(commands)
    if len(answers) < len(commands):
        raise InstanceFailed(tr("the services gave no answer in time"), role=ROLE)
    seen, there = (answers[command].stdout.decode("utf-8", "replace").splitlines() for command in commands)
    known = states.process(there)
    _must_be_as_written(work, service, [file for file in files if difference(file, known.get(file.dest))])
    return sessions.process(seen)


def _must_be_as_written(work: Work, service: Service, others: Sequence[ManagedFile]) -> None:
    """Started with other files than those that are known, it would be started again by the next `up`."""
    if others:
        raise InstanceFailed(
            tr("{file} is not there as hosts.yml has it now", file=others[0].dest),
            role=ROLE,
            operation=service.name,
            hint=tr("`gpustrap up {typed}` brings it there, and starts the service with it", typed=work.instance.typed),
        )


def _as_there(service: Service, seen: Running | None) -> Service:
    """As `up` has it. Where other files of a project may be there than are here, `up` is to start it once more."""
    known = identity_of(service)
    return service if seen is not None and seen.identity == known else replace(service, code="")


def _begin(work: Work, service: Service, what: str) -> None:
    """End what runs of it, start it, and wait until it is ready."""
    start = start_script(
        service=service.name,
        identity=identity_of(service),
        run=f"{service.directory}/run",
        port=port_word(service.port),
        ending="",
        logs=LOGS,
    )
    _done(work, start, service)
    _note(work, what)
    _await(work, service)


def _begin_beside(work: Work, service: Service, chosen: Services, what: str) -> None:
    """The same beside the one that answers, which ends when the new one has taken over."""
    taken = " ".join(str(each.port) for each in chosen.services if each.port)
    _done(
        work, beside_script(service=service.name, identity=identity_of(service), taken=taken, folder=SERVICES), service
    )
    _await(work, service)
    _note(work, what)


def _await(work: Work, service: Service) -> None:
    """Raises InstanceFailed, with the end of its log, for one that does not get ready."""
    work.says(tr("waits until {service} is ready", service=service.name))
    if why := unready([service], settled(work, [service])).get(service.name):
        raise InstanceFailed(why, role=ROLE, operation=service.name)
    work.result.services[service.name] = ServiceState(service.url, service.local_url, True)


def _done(work: Work, script: str, service: Service, seconds: int = STOP_SECONDS) -> list[str]:
    """What a change printed. Raises InstanceFailed for one that failed."""
    connector = work.session.connector
    answer = connector.change(script, seconds=seconds)
    if answer.status != 0:
        lines = answer.stderr.decode("utf-8", "replace").splitlines()
        raise failures.of_operation(lines, connector.connected, ROLE, service.name)
    return answer.stdout.decode("utf-8", "replace").splitlines()


def _note(work: Work, what: str | None) -> None:
    """What was changed, or that nothing was."""
    if what is None:
        work.result.unchanged += 1
        return
    change = Change(ROLE, what)
    work.result.changed.append(change)
    work.watcher.changed(work.name, change)
