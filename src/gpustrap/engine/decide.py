"""From settings and survey to what each role gets: finds the role's resolver and asks it."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from gpustrap.engine import failures
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context


def decide(role: str, settings: Any, survey: Survey, context: Context) -> Any:
    """What the role's `tasks.py` gets: its resolver's choice, or the settings where it has no resolver.

    A resolver is `choose(settings, survey, context)` in the role's own `resolve.py` or, for the built-in
    roles, in `gpustrap.resolve.<role>`. Raises InstanceFailed naming the role where it refuses.
    """
    for module in (f"roles.{role}.resolve", f"gpustrap.resolve.{role}"):
        if find_spec(module) is not None:
            with failures.in_role(role):
                return import_module(module).choose(settings, survey, context)
    return settings
