"""Role `project`: a folder of this computer on the instance, with the Python environment that it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyinfra.api import deploy

from gpustrap.engine.facts.detached import Job
from gpustrap.engine.operations import environment as environments
from gpustrap.engine.operations import project as operations
from gpustrap.engine.python_environment import script_of

if TYPE_CHECKING:
    from roles.project.resolve import Project


@deploy("project")
def project(chosen: Project) -> None:
    """Send what differs, then install what is missing."""
    operations.sent(
        name="files",
        tree=chosen.tree,
        dest=chosen.dest,
        user=chosen.user,
        on_box_changes=chosen.on_box_changes,
    )
    job = Job("project", chosen.jobs)
    for environment in chosen.environments:
        environments.installed(
            name="environment",
            environment=environment,
            script=script_of(environment, job),
            job=job,
            digest=chosen.tree.digest,
        )
