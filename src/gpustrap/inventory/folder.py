"""Which folder is the person's project. Light: it is asked before anything else is imported."""

from __future__ import annotations

import os
from pathlib import Path

from gpustrap.errors import BadInput, Fault
from gpustrap.language import tr

HOSTS_FILE = Path("inventory", "hosts.yml")
PROJECT_VARIABLE = "GPUSTRAP_PROJECT"


def find_project(start: Path) -> Path:
    """The folder of GPUSTRAP_PROJECT, else the nearest one at or above `start` that has an inventory/hosts.yml.

    Raises BadInput when there is none: another folder's instances are never taken for one's own.
    """
    if named := os.environ.get(PROJECT_VARIABLE):
        return _named_project(Path(named))
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / HOSTS_FILE).is_file():
            return folder
    raise BadInput(Fault(tr("no {file} here or above", file=HOSTS_FILE), hint=tr("gpustrap init makes a project here")))


def _named_project(project: Path) -> Path:
    if not (project / HOSTS_FILE).is_file():
        raise BadInput(
            Fault(
                tr("{variable}: no {file} in {project}", variable=PROJECT_VARIABLE, file=HOSTS_FILE, project=project),
                hint=tr("gpustrap init makes one"),
            )
        )
    return project.resolve()
