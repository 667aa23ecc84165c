"""The same instances and roles for the stock pyinfra CLI, which prints its own output."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from pyinfra.api.host import Host

from gpustrap import content
from gpustrap.engine import templates
from gpustrap.engine.facts.survey import SurveyFact
from gpustrap.inventory.hosts import load_hosts
from gpustrap.run.addresses import context_of
from gpustrap.run.connection import reach
from gpustrap.run.decisions import Decisions


def inventory(hosts_py: str) -> list[tuple[str, dict[str, Any]]]:
    """Every instance of the project that holds `inventory/hosts.py`, on the replay connector."""
    project = Path(hosts_py).resolve().parents[1]
    found = []
    for instance in load_hosts(project).instances.values():
        reached = reach(instance, project, replay=True, say=_say, makes=True)
        data = {
            **reached.host_data,
            "gpustrap_instance": instance,
            "gpustrap_urls": reached.public_urls,
            "gpustrap_project": str(project),
        }
        found.append((f"@gpustrap/{instance.name}", data))
    return found


def apply_roles(host: Host) -> None:
    """Survey the instance, decide its roles and line up their operations."""
    instance = host.data.gpustrap_instance
    project = Path(host.data.gpustrap_project)
    content.use_project(project)
    templates.use_project(project)
    survey = host.get_fact(SurveyFact)
    context = context_of(instance, survey, host.data.gpustrap_urls)
    for role, chosen in Decisions(survey, context).all().items():
        content.role_tasks(role)(chosen)


def _say(text: str) -> None:
    print(text, file=sys.stderr)
