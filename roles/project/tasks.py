"""Role `project`: a folder of this computer, or a repository, on the instance, and its Python environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyinfra.api import deploy

from gpustrap.engine.facts.detached import Job
from gpustrap.engine.operations import checkout as checkouts
from gpustrap.engine.operations import environment as environments
from gpustrap.engine.operations import project as operations
from gpustrap.engine.operations.files import ManagedFile, managed
from gpustrap.engine.python_environment import script_of

if TYPE_CHECKING:
    from roles.project.decision import Project


@deploy("project")
def project(chosen: Project) -> None:
    """Send or fetch what differs, then install what is missing."""
    dest, user, changes = chosen.dest, chosen.user, chosen.on_box_changes
    for tree in chosen.trees:
        operations.sent(name="files", tree=tree, dest=dest, user=user, on_box_changes=changes)
    for checkout in chosen.checkouts:
        managed(name="access", files=[ManagedFile(*file) for file in chosen.access.files])
        checkouts.made(
            name="checkout",
            checkout=checkout,
            dest=dest,
            user=user,
            on_box_changes=changes,
            key=chosen.access.key,
            config=chosen.access.config,
        )
    job = Job("project", chosen.jobs)
    for environment in chosen.environments:
        environments.installed(
            name="environment",
            environment=environment,
            script=script_of(environment, job),
            job=job,
            digest=chosen.digest,
        )
