"""What `status`, `inspect` and `explain` share: a look at instances, and words for cards and failures."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gpustrap.cli.output import note
from gpustrap.language import mark, tr

if TYPE_CHECKING:
    from gpustrap.errors import InstanceFailed
    from gpustrap.inventory.hosts import Hosts
    from gpustrap.inventory.instance import Instance
    from gpustrap.resolve.box.survey import Survey
    from gpustrap.run.look import InstanceLook

MIB_PER_GIB = 1024
KINDS = (mark("container"), mark("vm"), mark("metal"))  # of a box, as a survey says them


def look_at(names: Sequence[str], *, services: bool) -> dict[str, InstanceLook]:
    """Look at the instances that `names` select, at all for no names. Raises BadInput before any is touched."""
    project, instances = selected(names)
    from gpustrap.run.look import look
    from gpustrap.ui.ask import at_terminal
    from gpustrap.ui.login import AtTerminal

    return look(instances, project, services=services, asks=AtTerminal() if at_terminal() else None, says=_says)


def selected(names: Sequence[str]) -> tuple[Path, tuple[Instance, ...]]:
    """The project, and its instances that `names` select, with the secrets read that reaching them takes."""
    from gpustrap.inventory.hosts import select
    from gpustrap.inventory.secret_places import read_secrets

    hosts = _hosts(names)
    instances = select(hosts, names)
    read_secrets(hosts, instances, settings=False)
    return hosts.path.parents[1], instances


def _hosts(names: Sequence[str]) -> Hosts:
    """The project's; outside of one none, where boxes are only looked at, each by its pasted command."""
    from gpustrap.errors import BadInput
    from gpustrap.inventory.folder import PROJECT_VARIABLE
    from gpustrap.inventory.hosts import find_project, is_command, load_hosts, read_hosts

    try:
        project = find_project(Path.cwd())
    except BadInput:
        if PROJECT_VARIABLE in os.environ or not names or not all(map(is_command, names)):
            raise
        return read_hosts(Path.cwd(), "instances: {}")
    return load_hosts(project)


def failure_json(failed: InstanceFailed | None) -> dict[str, str | None] | None:
    """A failure in the form that every report has."""
    if failed is None:
        return None
    return {"role": failed.role, "operation": failed.operation, "error": failed.error}


def cards(survey: Survey) -> str:
    """`2 × NVIDIA A100-SXM4-80GB (80 GiB)`, or that there is no card. A driver without one means no-card mode."""
    counted = Counter((gpu.name, round(gpu.vram_mib / MIB_PER_GIB)) for gpu in survey.gpus)
    named = [_card(name, vram_gib, count) for (name, vram_gib), count in counted.items()]
    if named:
        return ", ".join(named)
    if survey.card_trouble:
        return tr("no card that can be read")
    return tr("no card, though there is a driver") if survey.driver else tr("no card")


def _card(name: str, vram_gib: int, count: int) -> str:
    """Cards that share the host's memory, as GB10, tell none of their own."""
    many = f"{count} × " if count > 1 else ""
    if not vram_gib:
        return f"{many}{name}"
    return tr("{count}{name} ({vram_gib} GiB)", count=many, name=name, vram_gib=vram_gib)


def _says(name: str, text: str) -> None:
    note(f"{name}: {text}")
