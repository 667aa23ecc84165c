"""What a person needs to know when an instance has been set up: where things are, and what is not saved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gpustrap.catalog.providers import PLAIN, Provider, provider_of
from gpustrap.language import tr
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.service import Services
from gpustrap.run.work import Work


def ending(work: Work) -> list[str]:
    """A sentence each; none for what is plain from the rest of the report."""
    assert work.survey is not None
    return [
        *_addresses(work.name, work.chosen.get("services"), provider_of(work.survey.provider)),
        *_torch(work.chosen.get("torch")),
        *_not_saved(work.survey),
    ]


def _addresses(instance: str, chosen: Any, provider: Provider) -> Iterator[str]:
    """Where the address is that only the provider's console shows, else how a service is reached without one."""
    for service in chosen.services if isinstance(chosen, Services) else ():
        if service.port is None or service.url:
            continue
        if not provider.maps(service.port):
            mapped = tr(" and ").join(map(str, provider.ports))
            only = tr(
                "{title} leads to port {mapped} only, not to {port}",
                title=provider.title,
                mapped=mapped,
                port=service.port,
            )
            yield f"{service.name}: {only}" + tr(
                "; `gpustrap tunnel {name}` brings it here", name=f"{instance}/{service.name}"
            )
        elif provider.name == PLAIN:
            yield tr(
                "{name}: `gpustrap tunnel {instance}/{name}` brings it to this computer;"
                " is its port open to the outside, `public_url:` in hosts.yml says where",
                name=service.name,
                instance=instance,
            )
        else:
            told = tr("{name}: its address from outside: {url}", name=service.name, url=provider.url)
            yield told + tr("; written as `public_url: URL` below the service, `up` shows and tries it")


def _torch(chosen: Any) -> Iterator[str]:
    """How the environment with torch is used; nothing for a decision that is not the built-in role's."""
    guard = getattr(chosen, "guard", None)
    if activation := getattr(guard, "activation", None):
        yield tr("torch: `. {activation}` on the instance, or {python}", activation=activation, python=chosen.python)
    elif guard is not None:
        yield tr("torch: {python} on the instance", python=chosen.python)


def _not_saved(survey: Survey) -> Iterator[str]:
    if survey.provider == "lab":  # it is made to be thrown away
        return
    wiped = [disk.mount for disk in survey.disks if disk.survives is False]
    kept = [disk.mount for disk in survey.disks if disk.survives]
    if wiped:
        stays = tr("; {kept} stays", kept=", ".join(kept)) if kept else ""
        yield tr("not saved: {wiped} is wiped by a stop", wiped=", ".join(wiped)) + stays
