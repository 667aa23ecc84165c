"""Services as tmux sessions: one session, one command under restart policy, on gpustrap's own socket."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence

from pyinfra import host
from pyinfra.api import StringCommand, operation

from gpustrap.engine.by_facts import by_facts
from gpustrap.engine.facts.tmux import (
    LOGS,
    SERVICES,
    UNITS,
    Probe,
    Running,
    ServiceFolders,
    TmuxServices,
    beside_script,
    port_word,
    services_script,
    start_script,
)
from gpustrap.engine.notes import note, note_restart
from gpustrap.language import mark, tr
from gpustrap.resolve.gateway import SERVICE as GATEWAY

NOT_READY, NOT_RUNNING = mark("not ready"), mark("not running")

BESIDE = "+next"  # behind a service's name: its new version, beside the one that answers (service-beside.sh)


@operation()
@by_facts
def service(
    service: str,
    identity: str,
    run: str,
    probe: Probe,
    probes: Sequence[Probe],
    identities: Mapping[str, str],
    restart: str,
    beside: Sequence[str] = (),
) -> Generator[StringCommand, None, None]:
    """
    Keep one service running. Nothing waits until it is ready, and one that cannot be started is no failure here: the
    others are started too, then all are waited for and judged together.

    + service: its name, and its session's
    + identity: identifies its files; a session started with other files is restarted
    + run: the script that the session runs
    + probe: how to tell that it is ready
    + probes: those of all services of the instance, asked together
    + identities: those of all services: one whose files are others ends before this one gets its port
    + restart: always, on-failure or never; one that ended and is not always to run is left ended
    + beside: those that start beside the one that answers, which the gateway leads to, and ends when they are ready
    """
    seen = host.get_fact(TmuxServices, probes=tuple(probes))
    why = reason_to_start(seen.get(service), identity, restart)
    if why is None:
        yield from _as_wanted(service, seen[service])
        return
    note(tr("it was {why}", why=why) if why.startswith(tr(NOT_RUNNING)) else why)
    if why.startswith(tr(NOT_READY)):
        yield StringCommand("true")  # it is only waited for, with the others
        return
    move = moving(seen, identities, beside)
    if service in move:
        yield StringCommand(_start_beside(service, identity, probes))
        return
    port, old = port_word(probe.port), _ending(seen, identities, (service, *move))
    start = start_script(service=service, identity=identity, run=run, port=port, ending=" ".join(old), logs=LOGS)
    yield StringCommand(start)


def _as_wanted(service: str, running: Running) -> Generator[StringCommand, None, None]:
    """Of one that runs as it is to, at most the log is begun anew, where its file was taken away."""
    if not running.ended:
        note_restart(tr("runs with an older environment"))
    if not running.log_away:
        host.noop(tr("{service} runs and is ready", service=service))
        return
    note(running.unlogged)
    yield StringCommand(services_script("service-log-anew", service=service, logs=LOGS))


def _start_beside(service: str, identity: str, probes: Sequence[Probe]) -> str:
    note(tr("the new version starts beside the one that answers, and takes over once it is ready"))
    taken = " ".join(str(one.port) for one in probes if one.port)
    return beside_script(service=service, identity=identity, taken=taken, folder=SERVICES)


def _ending(seen: Mapping[str, Running], identities: Mapping[str, str], but: Sequence[str]) -> list[str]:
    """Those that are started again later in the same `up`."""
    return [name for name, its in identities.items() if name in seen and name not in but and seen[name].identity != its]


def moving(seen: Mapping[str, Running], identities: Mapping[str, str], beside: Sequence[str]) -> tuple[str, ...]:
    """Those of `beside` that have changed while they answer, behind a gateway that can lead elsewhere."""
    if not leads(seen, identities):
        return ()
    return tuple(name for name in beside if name in seen and _moves(seen[name], identities[name]))


def leads(seen: Mapping[str, Running], identities: Mapping[str, str]) -> bool:
    """Whether there is a gateway that can lead elsewhere: it runs as it is wanted."""
    front = seen.get(GATEWAY)
    return bool(front and front.ready and front.identity == identities.get(GATEWAY) and not front.other_environment)


def _moves(running: Running, identity: str) -> bool:
    changed = running.identity != identity or running.other_environment
    return changed and (running.ready or running.unanswered) and not running.stopped and not running.ended


def reason_to_start(running: Running | None, identity: str, restart: str) -> str | None:
    """Why a service has to be started, restarted or waited for; None when it is as wanted."""
    if running is None or running.refused:
        return tr(NOT_RUNNING) + (f": {running.trouble}" if running else "")
    if running.identity != identity:
        return tr("its files have changed since it was started")
    if running.stuck:
        return running.trouble  # its files may have been mended since: it gets a new start, not more of its back-off
    if running.ended and restart == "always":
        return tr("has ended")
    if running.ended:
        return f"{tr(NOT_READY)}: {running.trouble}" if running.trouble else None
    if running.other_environment:
        return tr("runs with an older environment")
    if running.stopped:
        return tr("is held by a signal (SIGSTOP)")
    if running.ready:
        return None
    return tr(NOT_READY) + (f": {running.trouble}" if running.trouble else "")


@operation()
@by_facts
def only(services: Sequence[str], folder: str, probes: Sequence[Probe]) -> Generator[StringCommand, None, None]:
    """
    End the sessions that no service of the instance owns any more, and remove their services.

    + services: the names of those that stay
    + folder: where the services' folders are
    + probes: those of all services, so that the same fact is asked
    """
    sessions = host.get_fact(TmuxServices, probes=tuple(probes))
    folders = host.get_fact(ServiceFolders, folder=folder)
    extra = sorted({*sessions, *folders} - set(services))
    if not extra:
        host.noop(tr("no service is left over"))
        return
    cut_off = [name for name in extra if name.endswith(BESIDE)]
    if not_wanted := [name for name in extra if name not in cut_off]:
        note(tr("stopped and removed: {services} (not in hosts.yml)", services=", ".join(not_wanted)))
    if cut_off:
        note(tr("ended: {services}, which a run that was cut off had started", services=", ".join(cut_off)))
    for name in extra:
        yield StringCommand(services_script("service-remove", service=name, folder=folder, units=UNITS))
