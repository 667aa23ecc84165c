"""What is begun before the engine is there: the connections to the instances. Imports no engine."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from gpustrap.inventory.instance import Instance
from gpustrap.inventory.ssh import SshTarget
from gpustrap.inventory.ssh_config import settings_for
from gpustrap.laptop import links
from gpustrap.laptop.paths import places_of

SSH_PORT = 22
# With one of these the way is another one than straight to the host.
DETOURS = frozenset({"proxyjump", "proxycommand", "hostname", "addressfamily", "bindaddress", "bindinterface"})


def connect_early(instances: Iterable[Instance], project: Path) -> None:
    """Begin a connection to each instance that is reached straight. What it is used for, the engine decides."""
    for instance in instances:
        if instance.ssh is not None and (address := _address(instance.ssh)):
            links.begin(*address, places_of(project, instance.name).known_hosts)


def _address(target: SshTarget) -> tuple[str, int] | None:
    own = settings_for(target.host)
    given = {name.lower() for name, _ in target.options}
    host, port = own.get("hostname", target.host), own.get("port", str(SSH_PORT))
    if target.jump or given & DETOURS or own.keys() & (DETOURS - {"hostname"}) or "%" in host or not port.isdigit():
        return None
    return host, target.port or int(port)
