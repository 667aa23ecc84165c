"""What a box is, in about ten lines: what a person wants to know before anything is changed on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpustrap.cli.instances import cards

if TYPE_CHECKING:
    from gpustrap.catalog.providers import Provider
    from gpustrap.resolve.box.survey import Survey
    from gpustrap.resolve.torch.answer import Explained

GIB = 2**30
DISKS_SHOWN = 4
NO_CARD_MODE = "none is visible: no-card mode, or there is none"


def rows(survey: Survey, torch: Explained | None) -> list[tuple[str, str]]:
    """`torch` is what `up` would install with the role; None where it was not asked."""
    provider = provider_of(survey)
    return [
        ("provider", f"{provider.title}, a {survey.kind}" if provider.name != "plain" else f"unknown, a {survey.kind}"),
        ("system", f"{survey.os_id} {survey.os_version}, {survey.arch}, user {survey.user}"),
        ("card", cards(survey) if survey.gpus or survey.driver else survey.card_trouble or NO_CARD_MODE),
        *([("driver", _driver(survey))] if survey.driver else []),
        *([("torch", _torch(torch))] if torch else []),
        ("memory", f"{survey.memory_bytes / GIB:.0f} GiB, {survey.cpus:g} cores"),
        *(("disk", line) for line in _disks(survey)),
        ("from outside", _way_in(provider)),
    ]


def provider_of(survey: Survey) -> Provider:
    """The survey's provider in the catalog, else "plain"."""
    from gpustrap.catalog.providers import load_providers

    known = load_providers()
    return next((one for one in known if one.name == survey.provider), known[-1])


def _driver(survey: Survey) -> str:
    from gpustrap.catalog.torch import load_catalog
    from gpustrap.resolve.torch.rules import ceiling
    from gpustrap.resolve.versions import dotted, driver_text

    assert survey.driver is not None
    top = ceiling(survey.driver, load_catalog())
    return f"{driver_text(survey.driver)}" + (f", made for CUDA up to {dotted(top)}" if top else "")


def _torch(told: Explained) -> str:
    from gpustrap.resolve.torch.explained import lines_of

    return next(line for line in lines_of(told) if line not in told.notes)


def _disks(survey: Survey) -> list[str]:
    """The largest first; what is known to survive a stop, or not to, goes before the rest."""
    word = "reset" if survey.provider == "lab" else "stop"
    said = {True: f", survives a {word}", False: f", is WIPED by a {word}", None: ""}
    chosen = sorted(survey.disks, key=lambda disk: (disk.survives is None, -disk.size_bytes))[:DISKS_SHOWN]
    return [f"{disk.mount}: {disk.free_bytes / GIB:.0f} GiB free{said[disk.survives]}" for disk in chosen]


def _way_in(provider: Provider) -> str:
    ports = f"port {', '.join(map(str, provider.ports))}: " if provider.ports else ""
    return f"{ports}{provider.url}"
