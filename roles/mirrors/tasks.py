"""Role `mirrors`: every package manager asks where it was decided; "upstream" takes our setting away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyinfra.api import deploy

from gpustrap.engine import environment
from gpustrap.engine.operations.files import managed
from gpustrap.engine.templates import template_or_none

if TYPE_CHECKING:
    from roles.mirrors.resolve import Mirrors


@deploy("mirrors")
def mirrors(chosen: Mirrors) -> None:
    """Point apt, pip, uv, conda, npm, git and Hugging Face at the chosen mirrors."""
    home = chosen.survey.home
    git = f"{home}/.config/gpustrap/git-mirrors"
    managed(name="apt", files=[
        template_or_none("mirrors/debian.sources.j2" if source.deb822 else "mirrors/sources.list.j2", source.file,
                         source.url, apt=source)
        for source in chosen.apt_sources
    ])  # fmt: skip
    managed(name="pip and uv", files=[
        template_or_none("mirrors/pip.conf.j2", f"{home}/.config/pip/pip.conf", chosen.pypi, index=chosen.pypi),
        template_or_none("mirrors/uv.toml.j2", f"{home}/.config/uv/uv.toml", chosen.pypi, index=chosen.pypi),
    ])  # fmt: skip
    managed(name="conda", files=[
        template_or_none("mirrors/condarc.j2", f"{home}/.condarc", chosen.conda, host=chosen.conda),
    ])  # fmt: skip
    managed(name="npm", files=[
        template_or_none("mirrors/npmrc.j2", f"{home}/.npmrc", chosen.npm, block="mirrors", registry=chosen.npm),
    ])  # fmt: skip
    managed(name="git", files=[
        template_or_none("mirrors/gitconfig.j2", git, chosen.git, prefix=chosen.git),
        template_or_none("git-include.j2", f"{home}/.gitconfig", chosen.git, block="mirrors", path=git),
    ])  # fmt: skip
    managed(name="environment", files=environment.files("mirrors", chosen.variables, chosen.survey))
