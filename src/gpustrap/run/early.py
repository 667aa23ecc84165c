"""What is begun before the engine is there: the connections to the instances. Imports no engine."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from gpustrap.errors import BadInput
from gpustrap.inventory.folder import HOSTS_FILE, find_project
from gpustrap.inventory.ssh_config import settings_for
from gpustrap.laptop import last_links, links
from gpustrap.laptop.paths import places_of

if TYPE_CHECKING:
    from gpustrap.inventory.instance import Instance
    from gpustrap.inventory.ssh import SshTarget

SSH_PORT = 22
# With one of these the way is another one than straight to the host.
DETOURS = frozenset({"proxyjump", "proxycommand", "hostname", "addressfamily", "bindaddress", "bindinterface"})


def connect_again(names: Collection[str], project: Path | None) -> None:
    """Begin the connections of the last run, which are those of this one where nothing was written in hosts.yml."""
    with suppress(BadInput, OSError):  # what is wrong is said when the project is read
        folder = project or find_project(Path.cwd())
        last_links.begin_last(folder, folder / HOSTS_FILE, names)


def connect_early(instances: Iterable[Instance], project: Path) -> None:
    """Begin a connection to each instance that is reached straight. What it is used for, the engine decides."""
    ways = {one.name: way for one in instances if (way := _way(one, project))}
    links.keep(ways.values())
    for way in ways.values():
        links.begin(*way)
    last_links.remember(project, project / HOSTS_FILE, ways)
    # As the engine is imported, gevent looks at every object that is not frozen, for locks that are held: 15 ms. Here
    # none is, since no import is under way.
    gc.freeze()


def _way(instance: Instance, project: Path) -> links.Way | None:
    if instance.ssh is None or not (address := _address(instance.ssh)):
        return None
    return (*address, places_of(project, instance.name).known_hosts)


def _address(target: SshTarget) -> tuple[str, int] | None:
    own = settings_for(target.host)
    given = {name.lower() for name, _ in target.options}
    host, port = own.get("hostname", target.host), own.get("port", str(SSH_PORT))
    if target.jump or given & DETOURS or own.keys() & (DETOURS - {"hostname"}) or "%" in host or not port.isdigit():
        return None
    return host, target.port or int(port)
