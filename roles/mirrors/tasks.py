"""Role `mirrors`: every package manager asks where it was decided; "upstream" takes our setting away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyinfra.api import deploy

from gpustrap.engine import environment, wanted
from gpustrap.engine.operations.files import managed
from gpustrap.language import tr

if TYPE_CHECKING:
    from roles.mirrors.resolve import Mirrors


@deploy("mirrors")
def mirrors(chosen: Mirrors) -> None:
    """Point apt, pip, uv, conda, npm, git and Hugging Face at the chosen mirrors."""
    managed(name="apt", files=wanted.files(chosen.files.apt))
    managed(name=tr("pip and uv"), files=wanted.files(chosen.files.pypi))
    managed(name="conda", files=wanted.files(chosen.files.conda))
    managed(name="npm", files=wanted.files(chosen.files.npm))
    managed(name="git", files=wanted.files(chosen.files.git))
    variables = environment.files("mirrors", chosen.variables, chosen.shells, everywhere=True)
    managed(name="environment", files=variables, of_logins=True)
