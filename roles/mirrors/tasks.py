"""Role `mirrors`: every package manager asks where it was decided; "upstream" takes our setting away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyinfra.api import deploy

from gpustrap.engine import environment
from gpustrap.engine.operations.files import managed
from gpustrap.engine.templates import template

if TYPE_CHECKING:
    from roles.mirrors.resolve import Mirrors


@deploy("mirrors")
def mirrors(chosen: Mirrors) -> None:
    """Point apt, pip, uv, conda, npm, git and Hugging Face at the chosen mirrors."""
    home = chosen.survey.home
    git = f"{home}/.config/gpustrap/git-mirrors"
    managed(name="apt", files=[
        template("mirrors/debian.sources.j2" if source.deb822 else "mirrors/sources.list.j2", source.file,
                 when=source.url, apt=source)
        for source in chosen.apt_sources
    ])  # fmt: skip
    managed(name="pip and uv", files=[
        template("mirrors/pip.conf.j2", f"{home}/.config/pip/pip.conf", when=chosen.pypi, index=chosen.pypi),
        template("mirrors/uv.toml.j2", f"{home}/.config/uv/uv.toml", when=chosen.pypi, index=chosen.pypi),
    ])  # fmt: skip
    managed(name="conda", files=[
        template("mirrors/condarc.j2", f"{home}/.condarc", when=chosen.conda, host=chosen.conda),
    ])  # fmt: skip
    managed(name="npm", files=[
        template("mirrors/npmrc.j2", f"{home}/.npmrc", when=chosen.npm, block="mirrors", registry=chosen.npm),
    ])  # fmt: skip
    managed(name="git", files=[
        template("mirrors/gitconfig.j2", git, when=chosen.git, prefix=chosen.git),
        template("git-include.j2", f"{home}/.gitconfig", when=chosen.git, block="mirrors", path=git),
    ])  # fmt: skip
    managed(name="environment", files=environment.files("mirrors", chosen.variables, chosen.survey))
