"""What runs on an instance: settings and presets become units, each with its port, probe and address. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gpustrap.catalog.services import Preset, load_presets
from gpustrap.errors import InstanceFailed, nearest
from gpustrap.inventory.secrets import Secret
from gpustrap.resolve.context import Context
from gpustrap.resolve.survey import Survey

if TYPE_CHECKING:
    from roles.services.settings import Service, Settings

UNITS = "/etc/gpustrap/services"
LOGS = "/var/log/gpustrap"
# What a unit's start, readiness and log need; the role `base` installs those that are packages.
NEEDED = {"tmux": "tmux", "ss": "iproute2"}


@dataclass(frozen=True)
class Unit:
    """One service as it will run. `url` is the address from outside, None where the port does not get out."""

    name: str
    command: str
    port: int | None = None
    health: str | None = None
    cwd: str = ""
    env: Mapping[str, str | Secret] = field(default_factory=dict)
    restart: str = "always"
    ready_seconds: int = 60
    files: Mapping[str, str] = field(default_factory=dict)  # name in the unit's folder → template
    url: str | None = None

    @property
    def directory(self) -> str:
        return f"{UNITS}/{self.name}"

    @property
    def log_directory(self) -> str:
        return LOGS

    @property
    def log(self) -> str:
        return f"{LOGS}/{self.name}.log"

    @property
    def local_url(self) -> str | None:
        return None if self.port is None else f"http://127.0.0.1:{self.port}"


@dataclass(frozen=True)
class Services:
    """All units of an instance, in the order of hosts.yml."""

    units: tuple[Unit, ...]


def choose(settings: Settings, survey: Survey, context: Context) -> Services:
    """One unit a service. Raises InstanceFailed where a service cannot run on this instance."""
    units = tuple(_unit(name, service, survey, context) for name, service in settings.root.items())
    _refuse_shared_ports(units)
    if units:
        _refuse_missing_tools(survey, context)
    return Services(units)


def _unit(name: str, service: Service, survey: Survey, context: Context) -> Unit:
    preset = _preset(name, service)
    for tool in preset.needs:
        if tool not in survey.tools:
            raise InstanceFailed(
                f"this instance has no {tool}, which preset '{service.preset}' runs on", operation=name,
                hint=f"install {tool} on the instance, or add its package to base.packages",
            )  # fmt: skip
    port = service.port or preset.port
    return Unit(
        name=name, command=(service.command or preset.command).replace("{port}", str(port or "")),
        port=port, health=service.health or preset.health, cwd=service.cwd or f"{UNITS}/{name}",
        env=service.env, restart=service.restart, ready_seconds=service.ready_seconds, files=preset.files,
        url=context.public_urls.get(port) if port else None,
    )  # fmt: skip


def _preset(name: str, service: Service) -> Preset:
    if service.preset is None:
        if service.command is None:
            raise InstanceFailed("it has neither a preset nor a command", operation=name)
        return Preset(command=service.command)
    presets = load_presets()
    if service.preset not in presets:
        word = nearest(service.preset, presets)
        raise InstanceFailed(f"no preset '{service.preset}'" + (f"; nearest: '{word}'" if word else ""), operation=name)
    return presets[service.preset]


def _refuse_shared_ports(units: tuple[Unit, ...]) -> None:
    owners: dict[int, str] = {}
    for unit in units:
        if unit.port is not None and owners.setdefault(unit.port, unit.name) != unit.name:
            raise InstanceFailed(f"port {unit.port} is also the port of '{owners[unit.port]}'", operation=unit.name)


def _refuse_missing_tools(survey: Survey, context: Context) -> None:
    """`base` brings them, if it is among the roles; without it they must be there."""
    missing = [package for tool, package in NEEDED.items() if tool not in survey.tools]
    if missing and "base" not in context.roles:
        raise InstanceFailed(
            f"services need {' and '.join(missing)}, which this instance lacks",
            hint="put the role `base` before `services`, or install them",
        )
