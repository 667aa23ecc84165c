"""All of these tests ask the frozen catalog."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gpustrap.catalog.mirrors import mirrors_of
from gpustrap.catalog.torch import Build, load_catalog
from gpustrap.resolve.torch.machine import CudaDevice, Machine, Supply
from gpustrap.resolve.torch.site import Site


@pytest.fixture(autouse=True)
def frozen(frozen_catalog: None) -> None:
    """Rows that are added to the live catalog change nothing here."""


@pytest.fixture
def build() -> Callable[..., Build]:
    """`build("2.9.1+cu128")`, for x86_64."""

    def of(name: str, arch: str = "x86_64") -> Build:
        (found,) = (row for row in load_catalog().builds if row.name == name and row.arch == arch)
        return found

    return of


@pytest.fixture
def site() -> Callable[..., Site]:
    """`site(driver=(550, 54), wheels=False, …)`: a machine with an RTX 4090, and wheel mirrors of the region cn."""

    def of(wheels: bool = True, **changes: object) -> Site:
        card = (CudaDevice("RTX 4090", (8, 9)),)
        usual: dict[str, object] = {"python": (3, 12), "glibc": (2, 35), "driver": (570, 124, 6), "cards": card}
        supply = Supply(mirrors_of("torch", "cn") if wheels else (), "https://pip.example/simple")
        return Site(Machine(**{**usual, **changes}), supply, load_catalog())  # type: ignore[arg-type]

    return of
