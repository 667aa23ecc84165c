"""Role `gateway`: nginx and what it is to do. It runs as a service among those of the role `services`."""

from __future__ import annotations

from pyinfra.api import deploy

from gpustrap.engine.gateway import certificate_files, certificate_title, configuration_identity, gateway_files
from gpustrap.engine.operations import nginx, packages
from gpustrap.engine.operations.files import managed
from gpustrap.language import tr
from gpustrap.resolve.gateway import CONFIGURATION, LOADED, RUN, Gateway


@deploy("gateway")
def gateway(chosen: Gateway) -> None:
    """Install what is missing, write the configuration, and let an nginx that runs already take it."""
    packages.installed(name="packages", packages=("curl", "nginx"))
    managed(name=certificate_title(chosen), files=certificate_files(chosen))
    managed(name=tr("configuration"), files=gateway_files(chosen))
    nginx.loaded(
        name=tr("routes"),
        configuration=CONFIGURATION,
        identity=configuration_identity(chosen),
        folder=RUN,
        copy=LOADED,
    )
