"""Which PyTorch build runs on this machine, and why. Pure: no file, no socket, no clock.

Every input gives a Choice or a Refusal. The numbers are the catalog's. Two rules are guesses and say so:
a torch newer than the catalog is taken to need what the newest known default build needs, and a driver newer
than the catalog to run all that older drivers run.
"""

from __future__ import annotations

from dataclasses import replace

from gpustrap.catalog.torch import Build, Catalog
from gpustrap.language import tr
from gpustrap.resolve.torch.alternatives import beside
from gpustrap.resolve.torch.answer import Choice, Refusal
from gpustrap.resolve.torch.rank import best
from gpustrap.resolve.torch.reasons import reasons
from gpustrap.resolve.torch.refusal import NO_CARD, refuse
from gpustrap.resolve.torch.request import Want
from gpustrap.resolve.torch.requirements import requirements, sources
from gpustrap.resolve.torch.rules import refusals
from gpustrap.resolve.torch.site import Site

GUESSED_MINORS = 6  # a release this many minors past the newest known one is still guessed


def choose_build(want: Want, site: Site) -> Choice | Refusal:
    """The newest torch asked for that runs here; among its CUDAs the default wheel's, then native ones.

    The order of the catalog's rows means nothing, and a newer driver never gives an older torch.
    """
    if want.cpu:
        site = replace(site, machine=replace(site.machine, cpu_only=True))
    if not site.machine.cards and not site.machine.cpu_only:
        return Refusal("gpu", tr(NO_CARD))
    known = [*site.catalog.builds, *_guesses(want, site.catalog)]
    running = [build for build in known if not refusals(build, site)]
    chosen = best((build for build in running if want.takes(build)), site)
    if chosen is None:
        return refuse(want, site, known, running)
    return Choice(
        build=chosen,
        requirements=requirements(chosen, site),
        sources=sources(chosen, site.supply),
        reasons=reasons(chosen, want, site),
        alternatives=beside(chosen, want, site, running),
    )


def _guesses(want: Want, catalog: Catalog) -> list[Build]:
    """The default builds of a release newer than the catalog; within the major, and not far past it."""
    asked, newest = want.exact_torch, catalog.releases()[-1]
    if asked is None or asked <= newest or asked[0] != newest[0] or asked[1] > newest[1] + GUESSED_MINORS:
        return []
    defaults = [build for build in catalog.builds if build.torch == newest and build.default]
    changes = {"torch": asked, "guessed": True, "measured": False}
    return [build.model_copy(update=changes) for build in defaults]
