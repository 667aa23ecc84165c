"""A service as it will run: what the role `services` decides, and `up` and `status` report. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gpustrap.inventory.secrets import Secret

SERVICES = "/etc/gpustrap/services"
LOGS = "/var/log/gpustrap"
# For how long `verify` and `status` watch a service that has no port and was started a moment ago: what it is does
# not depend on the moment at which they ask. A little more than services-judge.sh wants it to run.
STEADY_SECONDS = 12


@dataclass(frozen=True)
class Need:
    """A service that another one waits for. `listens`: it is ready once it does; else once it has run for a while."""

    name: str
    listens: bool


@dataclass(frozen=True)
class Service:
    """One service. `url` is the address from outside, None where the port does not get out."""

    name: str
    command: str
    port: int | None = None
    health: str | None = None  # a path on its port
    cwd: str = ""  # empty: among its preset's files
    env: Mapping[str, str | Secret] = field(default_factory=dict)
    restart: str = "always"
    ready_seconds: int = 60
    files: Mapping[str, str] = field(default_factory=dict)  # name in the service's folder → template
    url: str | None = None
    sure: bool = True  # that the provider lets the port out, where there is a `url`
    user: str = ""  # who runs it; empty: root
    code: str = ""  # the digest of the project's files that it runs
    tries: int = 10  # how often in a row it may end before it works
    memory_kib: int = 0  # what each of its processes may write to; 0: no limit
    behind: bool = False  # the gateway leads to it: `url` is the gateway's, and nobody else has to reach its port
    beside: str = ""  # its command with {port} in it: a changed one starts beside it; empty: it is ended first
    scheme: str = "http"  # what its port speaks
    check: str = ""  # a command that ends with 0 once it is ready
    depends_on: tuple[Need, ...] = ()  # that have to be ready before it starts
    nofile: int = 0  # how many files each may have open; 0: as the instance has it

    @property
    def directory(self) -> str:
        return f"{SERVICES}/{self.name}"

    @property
    def files_directory(self) -> str:
        """Where its preset's files are, and where it runs unless said otherwise: beside its secrets, not among them."""
        return f"{self.directory}/files"

    @property
    def log_directory(self) -> str:
        return LOGS

    @property
    def log(self) -> str:
        return f"{LOGS}/{self.name}.log"

    @property
    def patience(self) -> int:
        """For how many seconds it is waited for until it is ready."""
        return max(self.ready_seconds, 0 if self.port else STEADY_SECONDS)

    @property
    def local_url(self) -> str | None:
        return None if self.port is None else f"{self.scheme}://127.0.0.1:{self.port}"


@dataclass(frozen=True)
class Services:
    """All services of an instance, in the order of hosts.yml."""

    services: tuple[Service, ...]
    reasons: tuple[str, ...] = ()
    boot: tuple[str, ...] = ("login",)  # what starts them again after a restart of the instance
    user: str = ""  # the login, where that is not root: his first one starts them by sudo

    @property
    def beside(self) -> tuple[str, ...]:
        """The names of those of which a changed one starts beside the one that answers."""
        return tuple(service.name for service in self.services if service.beside)
