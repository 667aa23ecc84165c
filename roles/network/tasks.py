"""Role `network`: one proxy, told to every client in its own way; without a proxy, to none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyinfra.api import deploy

from gpustrap.engine import environment, wanted
from gpustrap.engine.operations.files import managed
from gpustrap.language import tr

if TYPE_CHECKING:
    from roles.network.resolve import Network


@deploy("network")
def network(chosen: Network) -> None:
    """Proxy settings for shells and services, apt, git and conda. pip and uv read the environment."""
    variables = environment.files("network", chosen.variables, chosen.shells, everywhere=True)
    managed(name="environment", files=variables, of_logins=True)
    managed(name=tr("proxy of apt, git and conda"), files=wanted.files(chosen.files))
