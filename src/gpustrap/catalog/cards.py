"""The cards people rent."""

from __future__ import annotations

from functools import cache
from typing import Literal

from gpustrap.catalog.rows import Row, read_rows
from gpustrap.catalog.types import Pair


class Card(Row):
    """One GPU model. `vram_gib` holds every size it was sold with, the usual one first.

    `nvlink_gb_s` is the sum of both directions, 0 where there is PCIe only; `nvlink_bridge` says that it
    needs a bridge between two cards. `host_arch` is set where the host's processor is soldered to it.
    """

    name: str
    aliases: tuple[str, ...]
    architecture: str
    compute_capability: Pair
    vram_gib: tuple[int, ...]
    bandwidth_gb_s: int
    fp16_tflops: float
    nvlink_gb_s: float
    nvlink_bridge: bool
    host_arch: Literal["aarch64"] | None
    geforce: bool
    note: str | None


@cache
def load_cards() -> tuple[Card, ...]:
    """Every card, in file order. Raises CatalogError naming file, line and key of each bad row."""
    return read_rows("cards.jsonl", Card)
