"""The cards people rent."""

from __future__ import annotations

from functools import cache
from typing import Literal

from gpustrap.catalog.rows import Row, read_rows
from gpustrap.catalog.types import Pair


class Card(Row):
    """One model of GPU that can be bought or rented.

    The card that an instance has is a `VisibleCard` of its survey; what of it decides on a PyTorch build is a
    `CudaDevice`. `vram_gib` holds every size it was sold with, the usual one first. `bandwidth_gb_s` is that of
    its memory, None where no source was found. `nvlink_gb_s` is the sum of both directions, 0 where there is
    PCIe only, None where no source was found; `nvlink_bridge` says that it needs a bridge between two cards.
    `host_arch` is set where the host's processor is soldered to it.
    """

    name: str
    aliases: tuple[str, ...]
    line: Literal["geforce", "titan", "workstation", "datacenter", "mining"]
    architecture: str
    compute_capability: Pair
    vram_gib: tuple[int, ...]
    bandwidth_gb_s: int | None
    nvlink_gb_s: float | None
    nvlink_bridge: bool
    host_arch: Literal["aarch64"] | None
    note: str | None


@cache
def load_cards() -> tuple[Card, ...]:
    """Every card, in file order. Raises CatalogError naming file, line and key of each bad row."""
    return read_rows("cards.jsonl", Card)
