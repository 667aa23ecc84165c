"""PyTorch builds, their companions, and what CUDA asks of the driver and the card."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from gpustrap.catalog.rows import Row, read_rows
from gpustrap.catalog.types import Numbers, Pair

Published = Literal["released", "seen", "unknown", "removed"]


class Build(Row):
    """One wheel of torch: a release for one CUDA and one machine architecture.

    `cuda` is (12, 8), None for a CPU build. `default` marks the one that a plain Python index serves.
    `published`: `released` is in PyTorch's release matrix, `seen` is undocumented but was seen on the wheel
    index, `unknown` and `removed` are never chosen. `sm` is the machine code inside. `pythons` are tags such
    as "3.12" or "3.13t". `download_bytes` counts the wheel and its dependencies (not torchvision, not
    torchaudio); it is measured from the index, or (`measured` false) taken from the nearest measured build of
    that CUDA.
    """

    torch: Numbers
    cuda: Pair | None
    arch: Literal["x86_64", "aarch64"]
    default: bool
    published: Published
    sm: tuple[Pair, ...]
    pythons: tuple[str, ...]
    glibc: Pair
    download_bytes: int | None
    measured: bool
    guessed: bool = False

    @property
    def is_published(self) -> bool:
        """Whether it may be chosen."""
        return self.published in ("released", "seen")

    @property
    def version(self) -> str:
        """`2.9.1`"""
        return ".".join(map(str, self.torch))

    @property
    def tag(self) -> str:
        """`cu128` or `cpu`: the local version, and the name of the wheel index."""
        return "cu" + "".join(map(str, self.cuda)) if self.cuda else "cpu"

    @property
    def name(self) -> str:
        """`2.9.1+cu128`"""
        return f"{self.version}+{self.tag}"


class Companions(Row):
    """torchvision and torchaudio of one torch release.

    `…_requires` is what their own metadata asks of torch, None where it asks nothing. `torchvision_pure` is
    a wheel without code for one CUDA, so without a local version.
    """

    torch: Numbers
    torchvision: str
    torchvision_requires: str
    torchvision_pure: bool
    torchaudio: str
    torchaudio_requires: str | None


class Toolkit(Row):
    """One CUDA toolkit (12, 8, 1) and the Linux driver that came with it; `nvcc` is its build number."""

    toolkit: Numbers
    driver: Numbers
    nvcc: str | None


class Family(Row):
    """The oldest Linux driver that runs any toolkit of one CUDA major (minor-version compatibility)."""

    major: int
    driver: Numbers


class CardDriver(Row):
    """The oldest Linux driver that knows cards of one compute capability."""

    capability: Pair
    driver: Numbers


@dataclass(frozen=True)
class Catalog:
    """All that choosing a build needs. The order of the rows means nothing."""

    builds: tuple[Build, ...]
    companions: tuple[Companions, ...]
    toolkits: tuple[Toolkit, ...]
    families: tuple[Family, ...]
    card_drivers: tuple[CardDriver, ...]

    def cudas(self) -> tuple[tuple[int, int], ...]:
        """Every CUDA that some published build has, ascending."""
        return tuple(sorted({build.cuda for build in self.builds if build.cuda and build.is_published}))

    def releases(self) -> tuple[tuple[int, ...], ...]:
        """Every torch release, ascending."""
        return tuple(sorted({build.torch for build in self.builds}))


@cache
def load_catalog() -> Catalog:
    """The tables about torch. Raises CatalogError naming file, line and key of each bad row."""
    return Catalog(
        builds=read_rows("torch_builds.jsonl", Build),
        companions=read_rows("torch_pairs.jsonl", Companions),
        toolkits=read_rows("cuda_toolkits.jsonl", Toolkit),
        families=read_rows("cuda_families.jsonl", Family),
        card_drivers=read_rows("card_drivers.jsonl", CardDriver),
    )
