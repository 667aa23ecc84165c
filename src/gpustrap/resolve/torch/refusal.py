"""Why nothing that was asked for runs here: the one constraint that binds."""

from __future__ import annotations

from collections.abc import Sequence

from gpustrap.catalog.torch import Build
from gpustrap.language import mark, tr
from gpustrap.resolve.torch.alternatives import instead
from gpustrap.resolve.torch.answer import Refusal
from gpustrap.resolve.torch.rank import preference
from gpustrap.resolve.torch.reasons import cuda_words
from gpustrap.resolve.torch.request import Want
from gpustrap.resolve.torch.rules import RULES, Constraint, needed_driver, refusals
from gpustrap.resolve.torch.site import Site
from gpustrap.resolve.versions import dotted

NO_CARD = mark(
    "no card is visible and none is declared: name the card of the coming start, such as 'RTX 4090', "
    "or ask for a CPU build with 'none'"
)
DRIVER_HINT = mark(
    " (the driver is the provider's: take another host or image; cuda-compat is for data-centre cards only)"
)


def refuse(want: Want, site: Site, known: Sequence[Build], running: Sequence[Build]) -> Refusal:
    """The refusal. `known` are all builds, `running` those that run here when nothing is asked for."""
    wanted = [build for build in known if want.takes(build)]
    constraint, message = _binding(wanted, site) if wanted else _impossible(want, site, known)
    nearest = instead(want, site, running)
    works = (
        tr("; nearest that works: {torch}", torch=nearest[0].requirements[0]) if nearest else tr("; nothing runs here")
    )
    return Refusal(constraint, message + works, tuple(cuda_words(want, site.catalog)), nearest)


def _binding(wanted: Sequence[Build], site: Site) -> tuple[Constraint, str]:
    """What keeps off the machine the build that comes nearest: fewest constraints, then the least driver."""
    real = [build for build in wanted if build.is_published] or wanted
    failures = [(build, refusals(build, site)) for build in real]
    least = min(_distance(build, why, site) for build, why in failures)
    near = [pair for pair in failures if _distance(*pair, site) == least]
    _, why = max(near, key=lambda pair: preference(pair[0], site))
    constraint = next(iter(why))
    return constraint, why[constraint] + (tr(DRIVER_HINT) if constraint == "driver" else "")


def _distance(build: Build, why: dict[Constraint, str], site: Site) -> tuple[int, int, tuple[int, ...]]:
    first = next(iter(why))
    driver = needed_driver(build, site.machine, site.catalog) if first == "driver" else ()
    return len(why), list(RULES).index(first), driver


def _impossible(want: Want, site: Site, known: Sequence[Build]) -> tuple[Constraint, str]:
    """No build anywhere is as the wish says."""
    of_torch = [build for build in known if want.takes_torch(build)]
    if not of_torch:
        span = tr(" to ").join(map(dotted, (site.catalog.releases()[0], site.catalog.releases()[-1])))
        return "torch", tr("no torch '{torch_text}' in the catalog ({span})", torch_text=want.torch_text, span=span)
    if not any(want.takes_cuda(build) for build in known):
        there = ", ".join(map(dotted, site.catalog.cudas()))
        return "cuda", tr("no PyTorch build has CUDA '{cuda}', there are {there}", cuda=want.cuda_text, there=there)
    cudas = sorted({build.cuda for build in of_torch if build.cuda and build.is_published})
    which = tr("torch '{torch_text}'", torch_text=want.torch_text) if want.torch_text else "torch"
    which = tr("{which} is not built for CUDA '{cuda}'", which=which, cuda=want.cuda_text)
    return "cuda", which + tr(", only for {cudas}", cudas=", ".join(map(dotted, cudas)))
