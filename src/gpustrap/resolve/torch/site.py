"""What a build is judged by: the machine, where wheels can come from, and the tables."""

from __future__ import annotations

from dataclasses import dataclass

from gpustrap.catalog.torch import Catalog
from gpustrap.resolve.torch.machine import Machine, Supply


@dataclass(frozen=True)
class Site:
    """Where a build shall run, where it can come from, and what is known of builds."""

    machine: Machine
    supply: Supply
    catalog: Catalog
