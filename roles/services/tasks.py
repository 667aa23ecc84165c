"""Role `services`: one tmux session a service, on gpustrap's own socket."""

from __future__ import annotations

from pyinfra.api import deploy

from gpustrap.engine import units
from gpustrap.engine.operations import tmux
from gpustrap.engine.operations.files import managed
from gpustrap.resolve.services import UNITS, Services


@deploy("services")
def services(chosen: Services) -> None:
    """Write each unit, keep it running and ready, end what is not wanted any more."""
    probes = units.probes(chosen.units)
    tmux.only(name="nothing else runs", services=[unit.name for unit in chosen.units], folder=UNITS, probes=probes)
    for unit in chosen.units:
        files = units.files(unit)
        managed(name=f"{unit.name}: files", files=files)
        tmux.service(
            name=f"{unit.name}: runs and is ready", service=unit.name, unit=units.identity(files),
            run=f"{unit.directory}/run", log=unit.log, probe=units.probe(unit), probes=probes,
            ready_seconds=unit.ready_seconds, restart=unit.restart,
        )  # fmt: skip
