"""The requirement strings for a build, and where they are to be had.

A plain Python index serves torch without a local version: `torch==2.9.1+cu128` matches nothing there, and
`torch==2.9.1` is exactly the default build. With a wheel index `torch==2.9.1` would match any CUDA, and pip
and uv would take the Python index's one; so the local version is pinned wherever a wheel mirror is used.
"""

from __future__ import annotations

from packaging.specifiers import SpecifierSet

from gpustrap.catalog.mirrors import Mirror
from gpustrap.catalog.torch import Build, Catalog, Companions
from gpustrap.resolve.torch.answer import Source
from gpustrap.resolve.torch.machine import Supply
from gpustrap.resolve.torch.site import Site
from gpustrap.resolve.versions import dotted, parse


def requirements(build: Build, site: Site) -> tuple[str, ...]:
    """torch, torchvision, torchaudio; a companion is left out where none is known to fit."""
    local = f"+{build.tag}" if from_wheels(build, site.supply) else ""
    pair = companions_of(build, site.catalog)
    torch = f"torch=={build.version}{local}"
    if pair is None:
        return (torch,)
    vision = f"torchvision=={pair.torchvision}{'' if pair.torchvision_pure else local}"
    audio = _torchaudio(build, pair, local, site)
    return (torch, vision, audio) if audio else (torch, vision)


def sources(build: Build, supply: Supply) -> tuple[Source, ...]:
    """The wheel mirror, where one is used, and beside it always the Python index, for the dependencies."""
    default = Source("default", supply.pypi)
    return (_wheel_source(supply.wheels[0], build), default) if from_wheels(build, supply) else (default,)


def from_wheels(build: Build, supply: Supply) -> bool:
    """Whether the build is taken from a wheel mirror. A default CPU build (aarch64) has no local version."""
    return bool(supply.wheels) and not build.guessed and not (build.default and build.cuda is None)


def companions_of(build: Build, catalog: Catalog) -> Companions | None:
    """torchvision and torchaudio whose own pins accept this torch; None for a release without a pair."""
    rows = (row for row in catalog.companions if row.torch == build.torch)
    return next((row for row in rows if SpecifierSet(row.torchvision_requires).contains(build.version)), None)


def _wheel_source(mirror: Mirror, build: Build) -> Source:
    url = mirror.url.format(tag=build.tag)
    return Source("find-links", url) if mirror.form == "flat" else Source("index", url)


def _torchaudio(build: Build, pair: Companions, local: str, site: Site) -> str | None:
    """torchaudio ended at 2.11.0: later torch takes that one, where it was built for this Python and CUDA."""
    release = parse(pair.torchaudio)
    if pair.torchaudio_requires is not None or release == build.torch:
        return f"torchaudio=={pair.torchaudio}{local}"
    # torchaudio was built for the CUDAs and Pythons of the torch of its own number
    last = [row for row in site.catalog.builds if row.torch == release and row.arch == build.arch]
    python = site.machine.python
    if python and not any(dotted(python[:2]) in row.pythons for row in last):
        return None
    if local and any(row.cuda == build.cuda and row.published == "released" for row in last):
        return f"torchaudio=={pair.torchaudio}{local}"
    plain = next((row.cuda for row in last if row.default), None)
    same_major = plain and build.cuda and plain[0] == build.cuda[0]
    return f"torchaudio=={pair.torchaudio}" if same_major else None
