"""The services on the instance: tmux sessions on gpustrap's own socket, and whether they answer."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from pyinfra.api import FactBase, QuoteString, StringCommand

SOCKET = "gpustrap"


@dataclass(frozen=True)
class Probe:
    """How to tell that one service is ready: its port listens and, with `path`, answers HTTP below 400."""

    service: str
    port: int | None = None
    path: str | None = None

    def test(self) -> str:
        """A shell condition that is true when the service is ready."""
        conditions = []
        if self.port is not None:
            conditions.append(listens(self.port))
        if self.port is not None and self.path is not None:
            url = shlex.quote(f"http://127.0.0.1:{self.port}{self.path}")
            conditions.append(f"curl -fsS --noproxy '*' --max-time 5 -o /dev/null {url} 2>/dev/null")
        return " && ".join(conditions) or "true"


@dataclass(frozen=True)
class Running:
    """One session. `identity` identifies the files it was started with; `ready` is what its probe said.

    `ended` says that nothing runs in it any more: the service ended and was not to be started again.
    """

    identity: str
    ready: bool
    ended: bool = False


def listens(port: int) -> str:
    """A shell condition: some process listens on this TCP port."""
    return f"ss -Hltn 'sport = :{port}' | grep -q ."


class TmuxServices(FactBase[dict[str, Running]]):
    """Service → `Running`, for every session there; a service without a session is not in it."""

    def command(self, probes: Sequence[Probe]) -> str:
        sessions = (
            f"tmux -L {SOCKET} list-sessions -F 'session #{{session_name}} #{{pane_dead}} #{{@identity}}' 2>/dev/null"
        )
        asks = [f"if {probe.test()}; then echo ready {shlex.quote(probe.service)}; fi" for probe in probes]
        return "; ".join([sessions, *asks, "true"])

    @staticmethod
    def default() -> dict[str, Running]:
        return {}

    def process(self, output: list[str]) -> dict[str, Running]:
        words = [line.split(" ") for line in output]
        ready = {line[1] for line in words if line[0] == "ready"}
        return {line[1]: Running(line[3], line[1] in ready, line[2] == "1") for line in words if line[0] == "session"}


class ServiceFolders(FactBase[tuple[str, ...]]):
    """The services whose files are on the instance, whether they run or not."""

    def command(self, folder: str) -> StringCommand:
        return StringCommand("ls -1", QuoteString(folder), "2>/dev/null || true")

    @staticmethod
    def default() -> tuple[str, ...]:
        return ()

    def process(self, output: list[str]) -> tuple[str, ...]:
        return tuple(output)
