"""The ssh_config entries of instances."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from gpustrap.errors import NotRunning
from gpustrap.inventory.instance import Instance
from gpustrap.inventory.ssh import SshTarget
from gpustrap.inventory.ssh_entry import ssh_entry
from gpustrap.lab.login import running_box
from gpustrap.language import tr
from gpustrap.laptop.paths import places_of


def entries(instances: Sequence[Instance], project: Path, says: Callable[[str], None]) -> dict[str, str]:
    """Name → entry. A lab target that does not run has none, since its port is not known; that is said."""
    found = {}
    for instance in instances:
        try:
            found[instance.name] = _of_lab(instance, project) if instance.lab else _of_rented(instance, project)
        except NotRunning as missing:
            says(
                tr(
                    "{name}: {error}, so it has no entry ({hint})",
                    name=instance.name,
                    error=missing.error,
                    hint=missing.hint,
                )
            )
    return found


def _of_rented(instance: Instance, project: Path) -> str:
    assert instance.ssh is not None
    return ssh_entry(instance.name, instance.ssh, places_of(project, instance.name).known_hosts.absolute(), project)


def _of_lab(instance: Instance, project: Path) -> str:
    box = running_box(instance.name, project)
    only = (("IdentitiesOnly", "yes"),)
    target = SshTarget(box.ssh_host, box.ssh_port, box.user, str(box.key), options=only)
    return ssh_entry(instance.name, target, box.known_hosts, project, strict=True)
