"""Role `services`: one tmux session a service, on gpustrap's own socket."""

from __future__ import annotations

from pyinfra.api import deploy

from gpustrap.engine.operations import tmux
from gpustrap.engine.operations.files import managed
from gpustrap.engine.services import files_of, identity, probe, probes
from roles.services.resolve import UNITS, Services


@deploy("services")
def services(chosen: Services) -> None:
    """Write each unit, keep it running and ready, end what is not wanted any more."""
    all_probes = probes(chosen.units)
    tmux.only(name="nothing else runs", services=[unit.name for unit in chosen.units], folder=UNITS, probes=all_probes)
    for unit in chosen.units:
        files = files_of(unit)
        managed(name=f"{unit.name}: files", files=files)
        tmux.service(
            name=f"{unit.name}: runs and is ready", service=unit.name, unit=identity(files),
            run=f"{unit.directory}/run", log=unit.log, probe=probe(unit), probes=all_probes,
            ready_seconds=unit.ready_seconds, restart=unit.restart,
        )  # fmt: skip
