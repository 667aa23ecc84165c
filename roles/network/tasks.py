"""Role `network`: one proxy, told to every client in its own way; without a proxy, to none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyinfra.api import deploy

from gpustrap.engine import environment
from gpustrap.engine.operations.files import managed
from gpustrap.engine.templates import template

if TYPE_CHECKING:
    from roles.network.resolve import Network


@deploy("network")
def network(chosen: Network) -> None:
    """Proxy settings for shells and services, apt, git and conda. pip and uv read the environment."""
    home = chosen.survey.home
    git = f"{home}/.config/gpustrap/git-network"
    values: dict[str, Any] = {"proxy": chosen.proxy, "no_proxy": chosen.no_proxy}
    managed(name="environment", files=environment.files("network", chosen.variables, chosen.survey))
    managed(name="proxy of apt, git and conda", files=[
        template("network/apt.conf.j2", "/etc/apt/apt.conf.d/95gpustrap-proxy", when=chosen.proxy, **values),
        template("network/conda.yml.j2", "/etc/conda/condarc.d/gpustrap-network.yml", when=chosen.proxy, **values),
        template("network/gitconfig.j2", git, when=chosen.proxy, **values),
        template("git-include.j2", f"{home}/.gitconfig", when=chosen.proxy, block="network", path=git),
    ])  # fmt: skip
