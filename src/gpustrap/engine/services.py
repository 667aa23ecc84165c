"""A service's unit on the instance: its files, what identifies them, and how to tell that it is ready."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from pydantic import SecretStr

from gpustrap.engine.facts.tmux import Probe
from gpustrap.engine.operations.files import ManagedFile
from gpustrap.engine.templates import template
from gpustrap.inventory.reveal import revealed
from gpustrap.inventory.secrets import Secret
from roles.services.resolve import Unit


def files_of(unit: Unit) -> list[ManagedFile]:
    """The unit's folder: its command, its environment (always 0600), what runs it, and its preset's files."""
    env = {name: revealed(value) if isinstance(value, Secret) else SecretStr(value) for name, value in unit.env.items()}
    own = [
        template("services/run.sh.j2", f"{unit.directory}/run", mode="755", unit=unit),
        template("services/command.j2", f"{unit.directory}/command", unit=unit),
        template("services/env.j2", f"{unit.directory}/env", mode="600", unit=unit, env=env),
    ]
    return own + [template(src, f"{unit.directory}/{name}", unit=unit) for name, src in unit.files.items()]


def identity(files: Iterable[ManagedFile]) -> str:
    """What changes whenever one of the unit's files does."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.dest}\0{file.octal}\0{len(file.data)}\0".encode() + file.data)
    return digest.hexdigest()[:16]


def probe(unit: Unit) -> Probe:
    """How to tell that the unit is ready."""
    return Probe(unit.name, unit.port, unit.health)


def probes(units: Sequence[Unit]) -> tuple[Probe, ...]:
    """Those of all units, for one fact that answers for all."""
    return tuple(probe(unit) for unit in units)
