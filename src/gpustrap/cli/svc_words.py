"""Which service the words of a command line mean: `NAME`, `INSTANCE NAME` or `INSTANCE/NAME`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gpustrap.errors import BadInput, Fault, nearest
from gpustrap.language import tr

if TYPE_CHECKING:
    from gpustrap.inventory.hosts import Hosts
    from gpustrap.inventory.instance import Instance

ROLE = "services"


@dataclass(frozen=True)
class Meant:
    """The one service that the words of a command line mean."""

    project: Path
    instance: Instance
    service: str

    @property
    def settings(self) -> object:
        """The service's settings in hosts.yml."""
        return _services_of(self.instance)[self.service]


def meant(words: Sequence[str], *, secrets: bool) -> Meant:
    """Which service it is, its secrets read where they are needed. Raises BadInput before anything is touched."""
    from gpustrap.inventory.hosts import find_project, load_hosts
    from gpustrap.inventory.secret_places import read_secrets

    project = find_project(Path.cwd())
    hosts = load_hosts(project)
    words = _with_service(hosts, _apart(words))
    instance = _instance(hosts, words)
    _must_be_a_service(instance, words[-1])
    read_secrets(hosts, [instance], settings=secrets)
    return Meant(project, instance, words[-1])


def _apart(words: Sequence[str]) -> Sequence[str]:
    """`INSTANCE/NAME` as two words; a pasted ssh command stands in a word of its own."""
    return words[0].split("/", 1) if len(words) == 1 and re.fullmatch(r"[^\s/]+/[^\s/]+", words[0]) else words


def _with_service(hosts: Hosts, words: Sequence[str]) -> Sequence[str]:
    """An instance's name alone means its only service. Raises BadInput where it has several."""
    if len(words) != 1 or words[0] not in hosts.instances:
        return words
    if any(words[0] in _services_of(one) for one in hosts.instances.values()):
        return words
    name, known = words[0], list(_services_of(hosts.instances[words[0]]))
    if len(known) == 1:
        return [name, *known]
    if not known:
        raise BadInput(Fault(tr("{name} has no services", name=name), hint=tr("services stand in inventory/hosts.yml")))
    listed = ", ".join(f"{name}/{service}" for service in known)
    raise BadInput(Fault(tr("{name} is an instance; which of its services?", name=name), hint=listed))


def _services_of(instance: Instance) -> Mapping[str, object]:
    settings = instance.settings.get(ROLE) if ROLE in instance.roles else None
    root: Mapping[str, object] = getattr(settings, "root", {})
    return root


def _instance(hosts: Hosts, words: Sequence[str]) -> Instance:
    from gpustrap.inventory.hosts import select

    if len(words) > 2:
        raise BadInput(
            Fault(
                tr("svc takes one service, after its instance: {words}", words=" ".join(words)),
                hint=tr("for example `gpustrap svc restart {instance} {service}`", instance=words[0], service=words[1]),
            )
        )
    if len(words) == 1 and len(hosts.instances) > 1:
        return _the_one_that_has(hosts, words[0])
    (instance,) = select(hosts, words[:-1])
    return instance


def _the_one_that_has(hosts: Hosts, service: str) -> Instance:
    """The only instance with such a service."""
    having = [one for one in hosts.instances.values() if service in _services_of(one)]
    if len(having) == 1:
        return having[0]
    names = [one.name for one in having] or list(hosts.instances)
    raise BadInput(
        Fault(
            tr("there are several instances; whose service '{service}' is it?", service=service),
            hint=tr("instances: {names}", names=", ".join(names)),
        )
    )


def _must_be_a_service(instance: Instance, name: str) -> None:
    known = list(_services_of(instance))
    if name not in known:
        there = (
            tr("services: {names}", names=", ".join(known)) if known else tr("services stand in inventory/hosts.yml")
        )
        raise BadInput(
            Fault(
                tr("{instance} has no service '{name}'", instance=instance.name, name=name),
                nearest=nearest(name, known),
                hint=there,
            )
        )
