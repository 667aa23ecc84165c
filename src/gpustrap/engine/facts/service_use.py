"""What the services on the instance use: processes, memory, memory of cards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyinfra.api import FactBase

from gpustrap.engine.facts.fields import number
from gpustrap.engine.facts.tmux import tmux_script
from gpustrap.engine.scripts import text_of


@dataclass(frozen=True)
class Use:
    """What one service uses now. `card_mib` is what nvidia-smi tells, None where it tells nothing; `on_card` says
    whether a card is open at all."""

    processes: int
    memory_bytes: int
    on_card: bool = False
    card_mib: int | None = None


class ServiceUse(FactBase[dict[str, Use]]):
    """Service → `Use`, of those that run. It changes with each moment, so no decision may rest on it."""

    def command(self, names: Iterable[str]) -> str:
        return text_of("limited") + tmux_script("service-use", "services", names=" ".join(names))

    @staticmethod
    def default() -> dict[str, Use]:
        return {}

    def process(self, output: list[str]) -> dict[str, Use]:
        rows = [line.split(" ") for line in output if line.startswith("use ")]
        return {row[1]: use for row in rows if len(row) == 5 and (use := _use(*row[2:]))}


def _use(processes: str, kib: str, card: str) -> Use | None:
    count, memory = number(processes), number(kib)
    if count is None or memory is None:
        return None
    return Use(count, memory * 1024, card != "-", number(card))
