"""Role `project`: a folder of this computer on the instance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyinfra.api import deploy

from gpustrap.engine.operations import project as operations
from gpustrap.laptop.tree import tree_of

if TYPE_CHECKING:
    from roles.project.resolve import Project


@deploy("project")
def project(chosen: Project) -> None:
    """Send what differs."""
    operations.sent(
        name="files",
        tree=tree_of(chosen.folder),
        dest=chosen.dest,
        user=chosen.user,
        on_box_changes=chosen.on_box_changes,
    )
