"""Role `base`: the packages that the other roles and a person at a shell need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyinfra.api import deploy

from gpustrap.engine.operations import packages

if TYPE_CHECKING:
    from roles.base.resolve import Packages


@deploy("base")
def base(chosen: Packages) -> None:
    """Install what is missing."""
    packages.installed(name="packages", packages=chosen.names)
