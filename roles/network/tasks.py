"""Role `network`: one proxy, told to every client in its own way; without a proxy, to none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyinfra.api import deploy

from gpustrap.engine import environment
from gpustrap.engine.operations.files import managed
from gpustrap.engine.templates import template_or_none

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
        template_or_none("network/apt.conf.j2", "/etc/apt/apt.conf.d/95gpustrap-proxy", chosen.proxy, **values),
        template_or_none("network/conda.yml.j2", "/etc/conda/condarc.d/gpustrap-network.yml", chosen.proxy, **values),
        template_or_none("network/gitconfig.j2", git, chosen.proxy, **values),
        template_or_none("git-include.j2", f"{home}/.gitconfig", chosen.proxy, block="network", path=git),
    ])  # fmt: skip
