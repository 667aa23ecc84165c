"""What is wrong with a gateway's routes, among themselves and beside the services of the instance. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from gpustrap.catalog.presets import load_presets
from gpustrap.errors import nearest
from gpustrap.language import tr


class Clash(NamedTuple):
    """One fault, and the keys that lead to it."""

    loc: tuple[str, ...]
    text: str


def clashes(port: int, routes: Mapping[str, str], beside: Mapping[str, Any]) -> list[Clash]:
    """`beside`: role → its settings as they are written. Without the role `services` nothing is known of services."""
    services = beside.get("services")
    known = [] if not isinstance(services, dict) else [*_unknown(routes, services), *_ports(port, routes, services)]
    return [*_twice(routes), *known]


def parts(place: str) -> tuple[str, str]:
    """Host, empty for none, and path without a / at its end: /api and /api/ are one."""
    host, _, path = place.partition("/")
    return host, f"/{path}".rstrip("/") or "/"


def _twice(routes: Mapping[str, str]) -> Iterator[Clash]:
    first: dict[tuple[str, str], str] = {}
    for place in routes:
        if (other := first.setdefault(parts(place), place)) != place:
            yield Clash(("routes", place), tr("the same path as '{other}'", other=other))


def _unknown(routes: Mapping[str, str], services: Mapping[str, Any]) -> Iterator[Clash]:
    for path, service in routes.items():
        if service not in services:
            word = nearest(service, list(services))
            near = tr("; nearest: '{word}'", word=word) if word else ""
            yield Clash(("routes", path), tr("no service '{service}'", service=service) + near)


def _ports(port: int, routes: Mapping[str, str], services: Mapping[str, Any]) -> Iterator[Clash]:
    ports = {name: _port(written) for name, written in services.items()}
    for name, its in ports.items():
        if its == port:
            text = tr("port {port} is also the port of the service '{name}': give that another", port=port, name=name)
            yield Clash(("port",), text)
    for path, service in routes.items():
        if service in ports and ports[service] is None:
            yield Clash(("routes", path), tr("the service '{service}' has no port", service=service))


def _port(written: Any) -> int | None:
    """The port that a service listens on, its preset's where it says none; None for no port."""
    if not isinstance(written, dict):
        return None
    preset = load_presets().get(str(written.get("preset")))
    port = written.get("port") or (preset.port if preset else None)
    return port if isinstance(port, int) else None
