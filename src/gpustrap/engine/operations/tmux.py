"""Services as tmux sessions: one session, one command under restart policy, on gpustrap's own socket."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence

from pyinfra import host
from pyinfra.api import StringCommand, operation

from gpustrap.engine.by_facts import by_facts
from gpustrap.engine.facts.tmux import (
    LOGS,
    UNITS,
    Probe,
    Running,
    ServiceFolders,
    TmuxServices,
    services_script,
    start_script,
)
from gpustrap.engine.notes import note
from gpustrap.language import mark, tr

NOT_READY = mark("not ready")


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
    """
    seen = host.get_fact(TmuxServices, probes=tuple(probes))
    why = reason_to_start(seen.get(service), identity, restart)
    if why is None:
        host.noop(tr("{service} runs and is ready", service=service))
        return
    note(why)
    if why.startswith(tr(NOT_READY)):
        yield StringCommand("true")  # it is only waited for, with the others
        return
    old = [name for name, its in identities.items() if name in seen and name != service and seen[name].identity != its]
    port = "" if probe.port is None else str(probe.port)
    start = start_script(service=service, identity=identity, run=run, port=port, ending=" ".join(old), logs=LOGS)
    yield StringCommand(start)


def reason_to_start(running: Running | None, identity: str, restart: str) -> str | None:
    """Why a service has to be started, restarted or waited for; None when it is as wanted."""
    if running is None or running.refused:
        return tr("not running") + (f": {running.trouble}" if running else "")
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
    note(tr("stopped and removed: {services} (not in hosts.yml)", services=", ".join(extra)))
    for name in extra:
        yield StringCommand(services_script("service-remove", service=name, folder=folder, units=UNITS))
