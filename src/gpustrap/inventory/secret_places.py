"""The secrets of the chosen instances, read before anything is touched; what cannot be is a fault with its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gpustrap.errors import BadInput, Fault
from gpustrap.inventory.document import Written, displayed, walk
from gpustrap.inventory.hosts import Hosts
from gpustrap.inventory.instance import Instance
from gpustrap.inventory.reveal import unread


def read_secrets(hosts: Hosts, instances: Iterable[Instance], *, settings: bool, sudo: bool | None = None) -> None:
    """Read those of the logins and, with `settings`, of the roles. Raises BadInput for all that cannot be read.

    `sudo`: whether sudo's are read; where it is not said, with those of the roles.
    """
    faults = [
        _placed(hosts, instance.name, path, fault)
        for instance in instances
        for path, fault in unread(
            {
                **(instance.settings if settings else {}),
                "password": instance.password,
                "sudo_password": instance.sudo_password if (settings if sudo is None else sudo) else None,
            }
        )
    ]
    if faults:
        raise BadInput(*dict.fromkeys(faults))


def _placed(hosts: Hosts, name: str, path: tuple[str | int, ...], fault: Fault) -> Fault:
    """The fault where the secret is written: at the instance, else under `defaults`."""
    own = hosts.written.get(name, Written({}, 0))
    deepest = max((list(walk(start, path)) for start in (own, hosts.defaults)), key=len)[-1]
    return replace(fault, file=displayed(hosts.path), line=deepest.line or None, key=deepest.key)
