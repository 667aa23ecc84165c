"""`gpustrap inspect`: what box is this, and how is that known."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gpustrap.cli.instances import cards, failure_json, look_at
from gpustrap.cli.options import Json, Name
from gpustrap.cli.output import print_json, say
from gpustrap.language import mark, tr
from gpustrap.ui.table import aligned, wrapped

if TYPE_CHECKING:
    from gpustrap.resolve.box.survey import Disk, Survey
    from gpustrap.resolve.torch.answer import Explained

BYTES_PER_GIB = 2**30
VERSIONS = ("glibc", "python", "compute_capability", "version", "cuda")  # keys of a survey
SURVIVES = {True: mark(", survives a {stop}"), False: mark(", is wiped by a {stop}"), None: ""}


def inspect(name: Name, json: Json = False) -> None:
    """Show what an instance is, and how that is known. Changes nothing.

    Box, provider, card, driver, PCIe and NVLink, torch builds that run, quotas, disks and what survives, tools.
    """
    ((shown, seen),) = look_at([name], services=False).items()
    if json:
        facts = as_json(seen.survey, _torch(name, seen.survey)) if seen.survey else None
        urls = {str(port): url for port, url in seen.public_urls.items()}
        report = {"ok": seen.failed is None, "survey": facts, "ports": urls, "failed": failure_json(seen.failed)}
        print_json({"instances": {shown: report}})
    elif seen.survey:
        say(aligned(rows(seen.survey, _torch(name, seen.survey), seen.public_urls)))
        say(
            wrapped(
                tr(
                    "`gpustrap torch explain {name}` says which PyTorch fits, and why",
                    name=shlex.quote(name),
                )
            )
        )
    if seen.failed:
        raise seen.failed


def as_json(survey: Survey, torch: Explained) -> dict[str, Any]:
    """Every fact, versions as text, and what follows from them.

    `cuda_ceiling` is the newest CUDA that the driver was made for, `torch` what `up` would install.
    """
    from gpustrap.resolve.torch.explained import json_of
    from gpustrap.resolve.versions import driver_text

    told: dict[str, Any] = _written(asdict(survey))
    driver = survey.driver and driver_text(survey.driver)
    return {**told, "driver": driver, "cuda_ceiling": _ceiling(survey), "torch": json_of(torch)}


def _written(value: Any, key: str = "") -> Any:
    """`value` with each version in it as text, at any depth."""
    from gpustrap.resolve.versions import dotted

    if isinstance(value, dict):
        return {inner: _written(one, inner) for inner, one in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return dotted(value) if key in VERSIONS else [_written(one) for one in value]
    return value


# As engine/scripts/survey-settings.sh says them.
_SIGNS = (mark("the cgroup of PID 1 is a container's"), mark("/ is an overlay of image layers"))


def _known_by(sign: str) -> str:
    path, _, exists = sign.rpartition(" ")
    return tr("{path} exists", path=path) if exists == "exists" else tr(sign)


def rows(survey: Survey, torch: Explained, urls: Mapping[int, str]) -> list[tuple[str, str]]:
    """Each fact under its name, with how it is known where that could be doubted."""
    from gpustrap.resolve.box import card_report
    from gpustrap.resolve.torch.explained import lines_of

    stop = tr("reset") if survey.provider == "lab" else tr("stop")
    return [
        (tr("box"), f"{tr(survey.kind)}: {_known_by(survey.kind_reason)}"),
        (tr("provider"), f"{survey.provider}: {survey.provider_reason}"),
        (tr("system"), _system(survey)),
        (tr("card"), cards(survey)),
        *([(tr("card"), survey.card_trouble)] if survey.card_trouble else []),
        *card_report.rows_of(survey.gpus),
        (tr("driver"), _driver(survey)),
        *(("torch", build) for build in lines_of(torch)),
        ("CPU", tr("{cpus:g} cores it may use", cpus=survey.cpus)),
        (tr("memory"), tr("{gib} it may use", gib=_gib(survey.memory_bytes))),
        *((tr("disk"), _disk(disk, stop)) for disk in survey.disks),
        (tr("ports"), _listening(survey)),
        *((tr("ports"), tr("{port} gets out: {url}", port=port, url=url)) for port, url in sorted(urls.items())),
        *([] if urls else [(tr("ports"), _unknown_ports(survey))]),
        (tr("tools"), ", ".join(sorted(survey.tools)) or tr("none of those that gpustrap asks about")),
    ]


def _unknown_ports(survey: Survey) -> str:
    """What the provider lets out, where the address is not known here."""
    from gpustrap.catalog.providers import provider_of

    row = provider_of(survey.provider)
    if not row.ports:
        return tr("none is known to get out, besides that of ssh")
    return tr("{port} gets out: {url}", port=", ".join(map(str, row.ports)), url=row.url)


def _listening(survey: Survey) -> str:
    ports = ", ".join(map(str, survey.listening))
    return tr("{ports} listened on", ports=ports) if ports else tr("none is listened on")


def _system(survey: Survey) -> str:
    from gpustrap.resolve.versions import dotted

    return ", ".join(
        [
            f"{survey.os_id} {survey.os_version} ({survey.os_codename})",
            survey.arch,
            f"glibc {dotted(survey.glibc)}" if survey.glibc else tr("no glibc"),
            f"Python {dotted(survey.python)}" if survey.python else tr("no Python"),
            *([tr("conda in {conda}", conda=survey.conda)] if survey.conda else []),
            "systemd" if survey.systemd else tr("no systemd"),
        ]
    )


def _driver(survey: Survey) -> str:
    from gpustrap.resolve.versions import driver_text

    if survey.driver is None:
        return tr("not told") if survey.card_trouble else tr("none")
    ceiling = _ceiling(survey)
    known = (
        tr("made for CUDA up to {ceiling}", ceiling=ceiling) if ceiling else tr("older than any CUDA in the catalog")
    )
    return f"{driver_text(survey.driver)}, {known}"


def _ceiling(survey: Survey) -> str | None:
    from gpustrap.catalog.torch import load_catalog
    from gpustrap.resolve.torch.rules import ceiling
    from gpustrap.resolve.versions import dotted

    top = ceiling(survey.driver, load_catalog()) if survey.driver else None
    return dotted(top) if top else None


def _torch(name: str, survey: Survey) -> Explained:
    """What `up` would install; where that cannot be decided, why."""
    from gpustrap.errors import InstanceFailed
    from gpustrap.resolve.torch.answer import Explained, Refusal
    from gpustrap.run.torch import explained

    try:
        return explained(name, survey)
    except InstanceFailed as failed:
        return Explained(Refusal("torch", failed.error))


def _disk(disk: Disk, stop: str) -> str:
    survives = tr(words, stop=stop) if (words := SURVIVES[disk.survives]) else ""
    return tr(
        "{mount}: {free} free of {size}{survives}",
        mount=disk.mount,
        free=_gib(disk.free_bytes),
        size=_gib(disk.size_bytes),
        survives=survives,
    )


def _gib(size_bytes: int) -> str:
    return f"{size_bytes / BYTES_PER_GIB:.1f} GiB"
