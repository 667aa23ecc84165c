"""The gateway as it will run: which path leads to which service, and what it asks everybody for. Values only."""

from __future__ import annotations

from dataclasses import dataclass

from gpustrap.inventory.secrets import Secret

SERVICE = "gateway"  # the name of the service that nginx runs as
FOLDER = "/etc/gpustrap/gateway"
CONFIGURATION = f"{FOLDER}/nginx.conf"
ASK = f"{FOLDER}/ask"  # for `curl -K`: the token, which no argument may hold
LOADED = "/var/lib/gpustrap/gateway.conf"  # the copy that nginx reads: a service that moves is asked elsewhere by it
RUN = "/run/gpustrap-gateway"  # nginx's pid file there is named for the configuration that it has loaded


@dataclass(frozen=True)
class Route:
    """`path` begins with / and ends with none, but for / itself. `strip`: the service sees what comes after it."""

    path: str
    service: str
    port: int
    strip: bool = False


@dataclass(frozen=True)
class Gateway:
    """Routes in the order of hosts.yml. `token` None: everybody may come. `url` is its address from outside."""

    port: int
    routes: tuple[Route, ...]
    token: Secret | None = None
    cookie: str = "gpustrap"
    url: str | None = None
    reasons: tuple[str, ...] = ()

    def route_to(self, service: str) -> Route | None:
        """The first one that leads to the service."""
        return next((one for one in self.routes if one.service == service), None)
