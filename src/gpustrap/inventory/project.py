"""The project that a verb may write to."""

from __future__ import annotations

from pathlib import Path

from gpustrap import content
from gpustrap.errors import BadInput, Fault
from gpustrap.inventory.hosts import find_project
from gpustrap.language import tr


def own_project() -> Path:
    """The project here. gpustrap's own folder is only for a first try: there it raises BadInput."""
    project = find_project(Path.cwd())
    if project == content.builtin_root():
        message = tr("this is gpustrap's own folder, which an update replaces")
        raise BadInput(Fault(message, hint=tr("`gpustrap init ~/gpus` makes a project of your own")))
    return project
