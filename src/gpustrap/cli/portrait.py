"""What a box is, in about ten lines: what a person wants to know before anything is changed on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpustrap.cli.instances import cards
from gpustrap.language import mark, tr

if TYPE_CHECKING:
    from gpustrap.catalog.providers import Provider
    from gpustrap.resolve.box.survey import Survey
    from gpustrap.resolve.torch.answer import Explained

GIB, DISKS_SHOWN = 2**30, 4
FREE = mark("{mount}: {gib:.0f} GiB free")
NO_CARD_MODE = mark("none is visible: no-card mode, or there is none")


def rows(survey: Survey, torch: Explained | None) -> list[tuple[str, str]]:
    """`torch` is what `up` would install with the role; None where it was not asked."""
    from gpustrap.catalog.providers import PLAIN, provider_of

    provider = provider_of(survey.provider)
    title = tr("unknown") if provider.name == PLAIN else provider.title
    return [
        (tr("provider"), tr("{provider}, a {kind}", provider=title, kind=tr(survey.kind))),
        (tr("system"), tr("{it.os_id} {it.os_version}, {it.arch}, user {it.user}", it=survey)),
        (tr("card"), cards(survey) if survey.gpus or survey.driver else survey.card_trouble or tr(NO_CARD_MODE)),
        *([(tr("driver"), _driver(survey))] if survey.driver else []),
        *([("torch", _torch(torch))] if torch else []),
        (tr("memory"), tr("{gib:.0f} GiB, {cpus:g} cores", gib=survey.memory_bytes / GIB, cpus=survey.cpus)),
        *((tr("disk"), line) for line in _disks(survey)),
        (tr("from outside"), _way_in(provider)),
    ]


def _driver(survey: Survey) -> str:
    from gpustrap.catalog.torch import load_catalog
    from gpustrap.resolve.torch.rules import ceiling
    from gpustrap.resolve.versions import dotted, driver_text

    assert survey.driver is not None
    top = ceiling(survey.driver, load_catalog())
    return f"{driver_text(survey.driver)}" + (tr(", made for CUDA up to {top}", top=dotted(top)) if top else "")


def _torch(told: Explained) -> str:
    from gpustrap.resolve.torch.explained import lines_of

    return next(line for line in lines_of(told) if line not in told.notes)


def _disks(survey: Survey) -> list[str]:
    """The largest first; what is known to survive a stop, or not to, goes before the rest."""
    word = tr("reset") if survey.provider == "lab" else tr("stop")
    said = {True: tr(", survives a {word}", word=word), False: tr(", is WIPED by a {word}", word=word), None: ""}
    chosen = sorted(survey.disks, key=lambda disk: (disk.survives is None, -disk.size_bytes))[:DISKS_SHOWN]
    return [tr(FREE, mount=disk.mount, gib=disk.free_bytes / GIB) + said[disk.survives] for disk in chosen]


def _way_in(provider: Provider) -> str:
    ports = tr("port {ports}: ", ports=", ".join(map(str, provider.ports))) if provider.ports else ""
    return f"{ports}{provider.url}"
