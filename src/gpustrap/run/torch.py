"""What `up` would decide on torch for an instance, for commands that only say it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gpustrap.errors import InstanceFailed
from gpustrap.inventory.hosts import find_project, load_hosts, select
from gpustrap.inventory.instance import Instance
from gpustrap.inventory.instance_keys import settings_model
from gpustrap.language import tr
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context
from gpustrap.resolve.torch.answer import Choice, Explained, TorchRefused
from gpustrap.run.decisions import Decisions, reasons_of

ROLE = "torch"
NEEDED = ("base", "python", ROLE)  # torch and the roles that bring what its installation needs


def explained(
    selector: str, survey: Survey, changes: Mapping[str, Any] | None = None, region: str | None = None
) -> Explained:
    """The decision by the instance's own settings, roles and mirrors, as `up` makes it.

    `changes` replace settings of the role torch, `region` the instance's. For an instance without the role, its
    defaults count, and a note says so. Raises InstanceFailed where it is another role's decision that fails.
    """
    (instance,) = select(load_hosts(find_project(Path.cwd())), [selector])
    return explained_for(instance, survey, changes, region)


def explained_for(
    instance: Instance, survey: Survey, changes: Mapping[str, Any] | None = None, region: str | None = None
) -> Explained:
    """As `explained`, for an instance that need not stand in a file."""
    decisions = Decisions(survey, _context(instance, changes or {}, region))
    notes = () if ROLE in instance.roles else (_not_installed(instance),)
    try:
        chosen = decisions.of(ROLE)
    except InstanceFailed as failed:
        if isinstance(failed.__cause__, TorchRefused):
            return Explained(failed.__cause__.refusal, notes)
        raise
    answer = getattr(chosen, "answer", None)
    return Explained(answer if isinstance(answer, Choice) else None, notes, reasons_of(chosen))


def _context(instance: Instance, changes: Mapping[str, Any], region: str | None) -> Context:
    """The instance's own context; what it lacks of the roles that torch needs comes with its defaults."""
    lacking = NEEDED if ROLE not in instance.roles else ()
    roles = (*instance.roles, *(role for role in lacking if role not in instance.roles))
    settings: dict[str, Any] = {role: settings_model(role)() for role in roles if role not in instance.settings}
    settings |= instance.settings
    settings[ROLE] = settings[ROLE].model_copy(update=dict(changes))
    return Context(instance.name, region or instance.region, roles, settings)


def _not_installed(instance: Instance) -> str:
    return tr(
        "the role torch is not among the roles of {name}, so `up` installs none; with it, it would be this",
        name=instance.name,
    )
