"""`tunnel`: one port of one instance at this computer, until the connection ends. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gpustrap.engine.failures import KeyRefused
from gpustrap.engine.forward import forwarded
from gpustrap.engine.greenlets import hush
from gpustrap.engine.session import Session
from gpustrap.errors import InstanceFailed
from gpustrap.inventory.instance import Instance
from gpustrap.lab.login import running_box
from gpustrap.run.access import Asks, first_login
from gpustrap.run.connection import reach

Says = Callable[[str], None]


def tunnel(
    instance: Instance, project: Path, port: int, opened: Callable[[int], None], says: Says, asks: Asks | None = None
) -> InstanceFailed:
    """Why the connection has ended, when it has; `opened` hears the port of this computer, `says` what is so.

    Raises InstanceFailed where there is no connection, or no forwarding over it.
    """
    hush()
    session = connected(instance, project, says, asks)
    try:
        with forwarded(session.transport, port, says) as here:
            opened(here)
            return session.connector.wire.until_lost()
    finally:
        session.close()


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
