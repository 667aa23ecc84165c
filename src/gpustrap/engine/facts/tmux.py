"""The services on the instance: tmux sessions on gpustrap's own socket, and whether they answer."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from pyinfra.api import FactBase

from gpustrap.engine.scripts import clean, script

# Outside /tmp, whose sweepers take sockets; where /run cannot be written it is /var/lib/gpustrap/run.
RUNS = "/run/gpustrap"
# Their names for `tmux -L`, where an older gpustrap had the sockets themselves.
OLDER = {"services": "gpustrap", "jobs": "gpustrap-jobs"}
PROFILE = "/etc/profile.d"
SERVICES = "/etc/gpustrap/services"
# What the scripts say of a service that is not ready.
TROUBLES = {
    "crashes": "it ends again and again",
    "young": "it has been running for less than two seconds",
    "closed": "nothing listens on its port",
    "local": "it listens on 127.0.0.1 only, which the provider cannot reach: bind 0.0.0.0",
    "unanswered": "its health path does not answer",
}


@dataclass(frozen=True)
class Probe:
    """How to tell that one service is ready: its port listens for others too and, with `path`, answers HTTP below 400.

    Without a port it is ready while it runs and is not started again and again.
    """

    service: str
    port: int | None = None
    path: str | None = None

    def words(self) -> str:
        """The probe's service, port and path as words for the shell."""
        path = self.path if self.port is not None and self.path else ""
        return shlex.join([self.service, "" if self.port is None else str(self.port), path])


@dataclass(frozen=True)
class Running:
    """One session. `identity` identifies the files it was started with; `ready` is what its probe said.

    `ended` says that nothing runs in it any more: the service ended and was not to be started again. `stopped`:
    a signal holds it. `trouble` is why it is not ready, in words. `other_environment`: the variables that the
    roles give to services have changed since it was started.
    """

    identity: str
    ready: bool
    ended: bool = False
    stopped: bool = False
    trouble: str = ""
    other_environment: bool = False


def tmux_script(name: str, socket: str, **parameters: str | int) -> str:
    """One of our scripts that needs our tmux server: `services` or `jobs`."""
    return clean("tmux-common", runs=RUNS, profile=PROFILE, socket=socket, older=OLDER[socket]) + script(
        name, **parameters
    )


def services_script(name: str, **parameters: str | int) -> str:
    """One of our scripts about services."""
    return tmux_script("services-common", "services") + script(name, **parameters)


class TmuxServices(FactBase[dict[str, Running]]):
    """Service → `Running`, for every session there; a service without a session is not in it."""

    def command(self, probes: Sequence[Probe], folder: str = SERVICES) -> str:
        asks = "".join(f"ask {probe.words()}\n" for probe in probes)
        return services_script("services-look", folder=folder) + asks + "wait\n"

    @staticmethod
    def default() -> dict[str, Running]:
        return {}

    def process(self, output: list[str]) -> dict[str, Running]:
        rows = [line.split(" ") for line in output]
        now = next((row[1] for row in rows if row[0] == "environment"), "")
        said = {row[1]: row[2] if len(row) > 2 else "" for row in rows if row[0] == "probe"}
        return {
            " ".join(row[5:]): _running(row, said.get(" ".join(row[5:])), now)
            for row in reversed(rows)
            if row[0] == "session" and len(row) > 5
        }


def _running(row: Sequence[str], trouble: str | None, environment: str) -> Running:
    _, dead, stopped, identity, own = row[:5]
    return Running(
        "" if identity == "-" else identity,
        trouble == "" and stopped == "0",
        dead == "1",
        stopped == "1",
        TROUBLES.get(trouble or "", ""),
        own not in ("-", environment),
    )


class ServiceFolders(FactBase[tuple[str, ...]]):
    """The services whose files are on the instance, whether they run or not."""

    def command(self, folder: str) -> str:
        return f"ls -1 {shlex.quote(folder)} 2>/dev/null | sed 's/^/folder /'"

    @staticmethod
    def default() -> tuple[str, ...]:
        return ()

    def process(self, output: list[str]) -> tuple[str, ...]:
        return tuple(line.removeprefix("folder ") for line in output if line.startswith("folder "))
