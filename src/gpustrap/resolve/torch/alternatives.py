"""What else runs here: beside a choice, or instead of what was refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gpustrap.catalog.torch import Build
from gpustrap.language import tr
from gpustrap.resolve.torch.answer import Alternative
from gpustrap.resolve.torch.machine import Supply
from gpustrap.resolve.torch.rank import best, preference
from gpustrap.resolve.torch.request import Want
from gpustrap.resolve.torch.requirements import requirements
from gpustrap.resolve.torch.site import Site

CLEARLY_SMALLER = 0.95  # of the chosen download: less of a difference is within the estimates' error


def beside(chosen: Build, want: Want, site: Site, running: Sequence[Build]) -> tuple[Alternative, ...]:
    """The newest, the smallest, and one from the Python index, where they are not the chosen build."""
    known = [build for build in running if not build.guessed]
    offers = [
        (tr("newest that runs here"), best(known, site), site),
        (tr("smallest download"), _smallest(chosen, want, site, known), site),
        (tr("needs no wheel mirror"), _plain(chosen, site, known), replace(site, supply=Supply())),
    ]
    return _offer(offers, [chosen])


def instead(want: Want, site: Site, running: Sequence[Build]) -> tuple[Alternative, ...]:
    """What runs here and comes nearest to a refused wish, nearest first."""
    same_torch = [build for build in running if want.torch_text and want.takes_torch(build)]
    same_cuda = [build for build in running if want.cuda_text and want.takes_cuda(build)]
    offers = [
        (tr("the same torch, another CUDA"), best(same_torch, site), site),
        (tr("the same CUDA, another torch"), best(same_cuda, site), site),
        (tr("newest that runs here"), best(running, site), site),
    ]
    return _offer(offers, [])


def _smallest(chosen: Build, want: Want, site: Site, known: Iterable[Build]) -> Build | None:
    """Of the torch that was asked for, else of the chosen minor release."""
    limit = CLEARLY_SMALLER * (chosen.download_bytes or 0)
    smaller = [build for build in known if _alike(build, chosen, want) and 0 < _size(build) < limit]
    least = min(map(_size, smaller), default=0)
    return max(
        (build for build in smaller if _size(build) == least),
        key=lambda build: preference(build, site),
        default=None,
    )


def _size(build: Build) -> int:
    return build.download_bytes or 0


def _alike(build: Build, chosen: Build, want: Want) -> bool:
    return want.takes_torch(build) if want.torch_text else build.torch[:2] == chosen.torch[:2]


def _plain(chosen: Build, site: Site, known: Iterable[Build]) -> Build | None:
    """The best default wheel, where the choice hangs on a wheel mirror."""
    return None if chosen.default else best([build for build in known if build.default], site)


def _offer(offers: Iterable[tuple[str, Build | None, Site]], taken: Sequence[Build]) -> tuple[Alternative, ...]:
    """Each build once, under the first thing that speaks for it."""
    seen, unique = list(taken), []
    for why, build, site in offers:
        if build is not None and build not in seen:
            seen.append(build)
            pins = requirements(build, site)
            unique.append(Alternative(why, build, pins))
    return tuple(unique)
