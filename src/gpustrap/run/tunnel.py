"""`tunnel`: one port of one instance at this computer, until the connection ends. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gpustrap.engine.facts.listening import ListeningFact
from gpustrap.engine.failures import KeyRefused
from gpustrap.engine.forward import forwarded
from gpustrap.engine.greenlets import hush
from gpustrap.engine.session import Session
from gpustrap.errors import InstanceFailed
from gpustrap.inventory.instance import Instance
from gpustrap.lab.login import running_box
from gpustrap.language import tr
from gpustrap.run.access import Asks, first_login
from gpustrap.run.connection import reach

Says = Callable[[str], None]


def tunnel(
    instance: Instance,
    project: Path,
    service: str,
    port: int | None,
    opened: Callable[[int, int], None],
    says: Says,
    asks: Asks | None = None,
) -> InstanceFailed:
    """Why the connection has ended, when it has; `opened` hears the port of this computer and that of the instance.

    Without `port` it is one on which the service listens. Raises InstanceFailed where there is none, no connection, or
    no forwarding over it.
    """
    hush()
    session = connected(instance, project, says, asks)
    try:
        there = port or _port_of(service, session)
        with forwarded(session.transport, there, says) as here:
            opened(here, there)
            return session.connector.wire.until_lost()
    finally:
        session.close()


def _port_of(service: str, session: Session) -> int:
    """The lowest port of those on which the service listens now, for others or on the loopback."""
    fact = ListeningFact()
    answers = session.connector.ask((command := fact.command(loopback=True),))
    lines = answers[command].stdout.decode("utf-8", "replace").splitlines() if command in answers else []
    ports = [one.port for one in fact.process(lines).listeners if one.service == service and one.protocol == "tcp"]
    if not ports:
        raise InstanceFailed(
            tr("{service} listens on no port now", service=service),
            operation="tunnel",
            hint=tr("`--port N` says which port of the instance is meant"),
        )
    return min(ports)


def connected(instance: Instance, project: Path, says: Says, asks: Asks | None) -> Session:
    """An open session. A lab target is not made or started."""
    if instance.lab:
        running_box(instance.name, project)
    session = Session(instance.name, reach(instance, project, replay=False, say=says).host_data)
    try:
        session.connect()
    except KeyRefused as refused:
        return first_login(session, instance, refused, asks, says)
    return session
