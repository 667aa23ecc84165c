"""Since when the services on the instance run, and how often each was started again."""

from __future__ import annotations

from dataclasses import dataclass

from pyinfra.api import FactBase

from gpustrap.engine.facts.tmux import SERVICES
from gpustrap.engine.scripts import script


@dataclass(frozen=True)
class Ran:
    """Since how many seconds a service runs, None while it does not, and how often it was started again by itself."""

    seconds: int | None
    restarts: int


class ServiceTimes(FactBase[dict[str, Ran]]):
    """Service → `Ran`, by what its run script notes. No part of `TmuxServices`, whose answer stays the same."""

    def command(self, folder: str = SERVICES) -> str:
        return script("service-times", folder=folder)

    @staticmethod
    def default() -> dict[str, Ran]:
        return {}

    def process(self, output: list[str]) -> dict[str, Ran]:
        rows = [line.split(" ") for line in output if line.startswith("ran ")]
        told = [row[1:] for row in rows if len(row) == 4 and row[3].isdigit()]
        return {
            name: Ran(int(seconds) if seconds.isdigit() else None, int(restarts)) for name, seconds, restarts in told
        }
