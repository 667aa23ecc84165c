"""A service on the instance: its files, what identifies them, and how to tell that it is ready."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from pydantic import SecretStr

from gpustrap.engine.facts.tmux import Probe
from gpustrap.engine.operations.files import ManagedFile
from gpustrap.engine.templates import template
from gpustrap.inventory.reveal import revealed
from gpustrap.inventory.secrets import Secret
from gpustrap.resolve.service import Service


def files_of(service: Service) -> list[ManagedFile]:
    """The service's folder: its command, its environment (always 0600), what runs it, and its preset's files.

    And its command for another port, where a changed one starts beside it, and the one that tells whether it is ready.
    """
    env = {
        name: revealed(value) if isinstance(value, Secret) else SecretStr(value) for name, value in service.env.items()
    }
    own = [
        template("services/run.sh.j2", f"{service.directory}/run", mode="755", service=service),
        template("services/command.j2", f"{service.directory}/command", service=service),
        template("services/env.j2", f"{service.directory}/env", mode="600", service=service, env=env),
    ]
    preset = [
        template(src, f"{service.files_directory}/{name}", service=service) for name, src in service.files.items()
    ]
    beside = [template("services/beside.j2", f"{service.directory}/beside", service=service)] if service.beside else []
    check = [template("services/health.j2", f"{service.directory}/health", service=service)] if service.check else []
    return own + beside + check + preset


def identity(files: Iterable[ManagedFile], code: str = "") -> str:
    """What changes whenever one of the service's files does, or one of the project that it runs."""
    digest = hashlib.sha256(code.encode())
    for file in files:
        digest.update(f"{file.dest}\0{file.octal}\0{len(file.data)}\0".encode() + file.data)
    return digest.hexdigest()[:16]


def identity_of(service: Service) -> str:
    """The identity that a session of the service has where it was started as hosts.yml has it now."""
    return identity(files_of(service), service.code)


def probe(service: Service) -> Probe:
    """How to tell that the service is ready."""
    secrets = tuple(name for name, value in service.env.items() if isinstance(value, Secret))
    return Probe(service.name, service.port, service.health, secrets, service.behind)


def probes(services: Sequence[Service]) -> tuple[Probe, ...]:
    """Those of all services, for one fact that answers for all."""
    return tuple(probe(service) for service in services)
