"""The gateway as it will run: which path leads to which service, and what it asks everybody for. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from gpustrap.inventory.secrets import Secret

SERVICE = "gateway"  # the name of the service that nginx runs as
FOLDER = "/etc/gpustrap/gateway"
CONFIGURATION = f"{FOLDER}/nginx.conf"
ASK = f"{FOLDER}/ask"  # for `curl -K`: the token, which no argument may hold
CERTIFICATE = f"{FOLDER}/certificate.pem"
KEY = f"{FOLDER}/key.pem"
LOADED = "/var/lib/gpustrap/gateway.conf"  # the copy that nginx reads: a service that moves is asked elsewhere by it
RUN = "/run/gpustrap-gateway"  # nginx's pid file there is named for the configuration that it has loaded


@dataclass(frozen=True)
class Route:
    """`path` begins with / and ends with none, but for / itself. `strip`: the service sees what comes after it.

    `host` is the name that has to be asked for; empty for every name that has no routes of its own.
    """

    path: str
    service: str
    port: int
    strip: bool = False
    host: str = ""

    @property
    def place(self) -> str:
        """As hosts.yml writes it, less a / at its end."""
        return self.host + self.path


@dataclass(frozen=True)
class OwnCertificate:
    """One that gpustrap makes on the laptop, for these names and addresses."""

    owner: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class GivenCertificate:
    """The person's own: a PEM file with the chain, and its key."""

    chain: Path
    key: Secret


@dataclass(frozen=True)
class Gateway:
    """Routes in the order of hosts.yml. `token` None: everybody may come. `url` is its address from outside.

    `tls` None: it speaks http.
    """

    port: int
    routes: tuple[Route, ...]
    token: Secret | None = None
    cookie: str = "gpustrap"
    tls: OwnCertificate | GivenCertificate | None = None
    url: str | None = None
    reasons: tuple[str, ...] = ()

    @property
    def scheme(self) -> str:
        """What its port speaks."""
        return "https" if self.tls else "http"

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names that have routes of their own, after the empty one that stands for all others."""
        return tuple(dict.fromkeys(["", *(one.host for one in self.routes)]))

    def routes_of(self, host: str) -> tuple[Route, ...]:
        return tuple(one for one in self.routes if one.host == host)

    def url_of(self, route: Route) -> str | None:
        """Where the route is reached from outside; a path other than / ends with one."""
        if self.url is None:
            return None
        parts = urlsplit(self.url)
        port = f":{parts.port}" if parts.port else ""
        base = f"{parts.scheme}://{route.host}{port}" if route.host else self.url
        return base + ("" if route.path == "/" else f"{route.path}/")

    def route_to(self, service: str) -> Route | None:
        """The first one that leads to the service."""
        return next((one for one in self.routes if one.service == service), None)
