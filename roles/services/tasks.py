"""Role `services`: one tmux session a service, on gpustrap's own socket."""

from __future__ import annotations

from pyinfra.api import deploy

from gpustrap.engine.boot import boot_files
from gpustrap.engine.operations import tmux
from gpustrap.engine.operations.files import managed
from gpustrap.engine.services import files_of, identity, probe, probes
from gpustrap.language import tr
from gpustrap.resolve.service import SERVICES, Services


@deploy("services")
def services(chosen: Services) -> None:
    """End what is not wanted any more, write each service, then start each; `up` waits for all of them together."""
    all_probes = probes(chosen.services)
    files = {service.name: files_of(service) for service in chosen.services}
    identities = {service.name: identity(files[service.name], service.code) for service in chosen.services}
    tmux.only(name=tr("nothing else runs"), services=[*files], folder=SERVICES, probes=all_probes)
    for name, its in files.items():
        managed(name=tr("{name}: files", name=name), files=its)
    managed(name=tr("they come back after a restart"), files=boot_files(chosen))
    for service in chosen.services:
        tmux.service(
            name=tr("{name}: runs and is ready", name=service.name),
            service=service.name,
            identity=identities[service.name],
            run=f"{service.directory}/run",
            probe=probe(service),
            probes=all_probes,
            identities=identities,
            restart=service.restart,
            beside=chosen.beside,
        )
