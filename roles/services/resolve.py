"""What runs on an instance: settings and presets become units, each with its port, probe and address. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gpustrap.errors import InstanceFailed
from gpustrap.inventory.secrets import Secret
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context

if TYPE_CHECKING:
    from roles.services.settings import Service, Settings

UNITS = "/etc/gpustrap/services"
LOGS = "/var/log/gpustrap"
# Tools whose package has another name.
PACKAGES = {"ss": "iproute2"}


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
    for name, service in settings.root.items():
        _refuse_missing_tools(name, service, survey, context)
    return Services(tuple(_unit(name, service, context) for name, service in settings.root.items()))


def _unit(name: str, service: Service, context: Context) -> Unit:
    preset, port = service.base, service.listens_on
    return Unit(
        name=name, command=(service.command or preset.command).replace("{port}", str(port or "")),
        port=port, health=service.health or preset.health, cwd=service.cwd or f"{UNITS}/{name}",
        env=service.env, restart=service.restart, ready_seconds=service.ready_seconds, files=preset.files,
        url=context.public_urls.get(port) if port else None,
    )  # fmt: skip


def _refuse_missing_tools(name: str, service: Service, survey: Survey, context: Context) -> None:
    """What a service runs on is on the instance, or `base` brings it before."""
    missing = [tool for tool in _needed(service) if tool not in survey.tools]
    brought = context.packages_before("services")
    packages = [package for tool in missing if (package := PACKAGES.get(tool, tool)) not in brought]
    if packages:
        raise InstanceFailed(
            f"this instance has no {' and no '.join(packages)}, which '{name}' runs on", operation=name,
            hint="put the role `base` before `services`, with these among its packages, or install them",
        )  # fmt: skip


def _needed(service: Service) -> tuple[str, ...]:
    """The tools that its session, its probe and its preset run."""
    probe = ("ss",) if service.listens_on is not None else ()
    http = ("curl",) if service.health or service.base.health else ()
    return ("tmux", *probe, *http, *service.base.needs)
