"""`gpustrap status`: can each instance be reached, what is it, and do its services answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

from gpustrap.cli.figures import duration, size
from gpustrap.cli.instances import cards, failure_json, look_at
from gpustrap.cli.options import Json, Names
from gpustrap.cli.output import note, print_json, say
from gpustrap.errors import hinted, log_lines
from gpustrap.language import mark, tr
from gpustrap.ui.table import aligned

if TYPE_CHECKING:
    from gpustrap.resolve.box.survey import Survey
    from gpustrap.run.look import InstanceLook
    from gpustrap.run.service_looks import ServiceLook

OTHER = mark("not as hosts.yml has it: `gpustrap plan` shows what differs")


def status(names: Names = None, json: Json = False) -> None:
    """Show what each instance is and how its services do. Changes nothing.

    Exit code: 0 all answer · 1 an instance cannot be reached or a service is not ready · 2 bad input.
    """
    found = look_at(names or [], services=True)
    if json:
        print_json({"instances": {name: as_json(seen) for name, seen in found.items()}})
    else:
        say(aligned([(f"{name}:", line(seen)) for name, seen in found.items()], gap=1))
        for text in (line for seen in found.values() for line in logs(seen)):
            note(text)
        for text in hints(found):
            note(text)
    raise typer.Exit(0 if all(is_fine(seen) for seen in found.values()) else 1)


def hints(found: Mapping[str, InstanceLook]) -> list[str]:
    """What to do, once each; of several instances with the names of those that it is about."""
    names: dict[str, list[str]] = {}
    for name, seen in found.items():
        if seen.failed and seen.failed.hint:
            names.setdefault(seen.failed.hint, []).append(name)
    return [f"{', '.join(who)}: {hinted(hint)}" if len(found) > 1 else hinted(hint) for hint, who in names.items()]


def is_fine(seen: InstanceLook) -> bool:
    return seen.failed is None and all(service.ready for service in seen.services.values())


def line(seen: InstanceLook) -> str:
    """One line: what the instance is, then each service with its address."""
    if seen.failed is not None:
        role = f"{seen.failed.role}: " if seen.failed.role else ""
        start = f"{_what(seen.survey)}; " if seen.survey else tr("cannot be reached: ")
        return f"{start}{role}{' '.join(seen.failed.error.split())}"
    assert seen.survey is not None
    services = [_service(name, service) for name, service in seen.services.items()]
    return tr("; ").join([_what(seen.survey), *(services or seen.left_over or [tr("no services")])])


def as_json(seen: InstanceLook) -> dict[str, Any]:
    """One instance's part of the report; `provider` and what follows is null where it was not reached."""
    survey = seen.survey
    return {
        "ok": is_fine(seen),
        "reachable": survey is not None,
        "provider": survey and survey.provider,
        "kind": survey and survey.kind,
        "gpus": survey and [{"name": gpu.name, "vram_mib": gpu.vram_mib} for gpu in survey.gpus],
        "services": {name: _service_json(service) for name, service in seen.services.items()},
        "failed": failure_json(seen.failed),
    }


def logs(seen: InstanceLook) -> list[str]:
    """The end of the log of each service that is not ready."""
    return [line for name, service in seen.services.items() for line in _log(name, service)]


def _log(name: str, service: ServiceLook) -> list[str]:
    if service.log_hidden:
        return [tr("log of {service} not shown: {why}", service=name, why=service.log_hidden)]
    return log_lines(name, service.log)


def _service_json(service: ServiceLook) -> dict[str, Any]:
    """What is wrong and what it wrote stand there only where it is not ready."""
    wrong: dict[str, Any] = {} if service.ready else {"trouble": service.trouble, "log": service.log}
    wrong |= {"log_hidden": service.log_hidden} if service.log_hidden else {}
    wrong |= {"log_lost": service.unlogged} if service.unlogged else {}
    wrong |= {"other_than_written": True} if service.other else {}
    base = {
        "running": service.running,
        "ready": service.ready,
        "state": service.state,
        "port": service.port,
        "url": service.url,
        "local_url": service.local_url,
        "uptime_seconds": service.uptime_seconds,
        "restarts": service.restarts,
        "processes": service.use and service.use.processes,
        "memory_bytes": service.use and service.use.memory_bytes,
        "gpu_memory_mib": service.use and service.use.card_mib,
    }
    return base | wrong


def _what(survey: Survey) -> str:
    return f"{survey.provider} {tr(survey.kind)}, {cards(survey)}"


def _service(name: str, service: ServiceLook) -> str:
    state = tr("ready") if service.ready else tr("not ready") if service.running else tr("not running")
    local = tr("{local_url} on the instance", local_url=service.local_url) if service.local_url else None
    whys = [why for why in (service.trouble, service.unlogged, tr(OTHER) if service.other else "") if why]
    why = f"({tr('; ').join(whys)})" if whys else None
    return " ".join(part for part in (name, state, why, service.url or local, _figures(service)) if part)


def _figures(service: ServiceLook) -> str:
    """`(up 3 d 4 h, 2 restarts, 1.2 GiB, 20.1 GiB on a card)`, of one that runs."""
    if service.use is None or service.uptime_seconds is None:
        return ""
    use, told = service.use, [tr("up {time}", time=duration(service.uptime_seconds))]
    told += [tr("{count} restarts", count=service.restarts)] if service.restarts else []
    told += [size(use.memory_bytes)]
    told += [tr("{size} on a card", size=size(use.card_mib * 2**20))] if use.card_mib else []
    return f"({tr(', ').join(told)})"
