"""Role `services`: one tmux session a service, on gpustrap's own socket."""

from __future__ import annotations

from pyinfra.api import deploy

from gpustrap.engine.operations import tmux
from gpustrap.engine.operations.files import managed
from gpustrap.engine.services import files_of, identity, probe, probes
from gpustrap.resolve.service import SERVICES, Services


@deploy("services")
def services(chosen: Services) -> None:
    """Write each service, keep it running and ready, end what is not wanted any more."""
    all_probes = probes(chosen.services)
    tmux.only(
        name="nothing else runs",
        services=[service.name for service in chosen.services],
        folder=SERVICES,
        probes=all_probes,
    )
    for service in chosen.services:
        files = files_of(service)
        managed(name=f"{service.name}: files", files=files)
        tmux.service(
            name=f"{service.name}: runs and is ready",
            service=service.name,
            identity=identity(files),
            run=f"{service.directory}/run",
            log=service.log,
            probe=probe(service),
            probes=all_probes,
            ready_seconds=service.ready_seconds,
            restart=service.restart,
        )
