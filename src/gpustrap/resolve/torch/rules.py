"""Whether a build runs on a machine: one predicate a constraint, each answers None or a sentence.

The numbers are the catalog's, each row with its source.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from gpustrap.catalog.torch import Build, Catalog
from gpustrap.language import tr
from gpustrap.resolve.torch.machine import CudaDevice, Machine
from gpustrap.resolve.torch.site import Site
from gpustrap.resolve.versions import Version, dotted, driver_text

Constraint = Literal["driver", "gpu", "python", "glibc", "arch", "cuda", "torch", "index"]
Rule = Callable[[Build, Site], str | None]


def refusals(build: Build, site: Site) -> dict[Constraint, str]:
    """Every constraint that keeps `build` off the site's machine, with its sentence; empty where it runs."""
    answers = {constraint: rule(build, site) for constraint, rule in RULES.items()}
    return {constraint: why for constraint, why in answers.items() if why is not None}


def runs_code(build: Build, card: CudaDevice) -> tuple[int, int] | None:
    """The machine code in the wheel that `card` runs: same major, the highest minor not above the card's.

    PTX is not counted: where the driver is older than the toolkit it is not compiled.
    """
    major, minor = card.capability
    return max((sm for sm in build.sm if sm[0] == major and sm[1] <= minor), default=None)


def needed_driver(build: Build, machine: Machine, catalog: Catalog) -> Version:
    """The oldest driver that runs `build` on these cards: by CUDA's major, and by the cards' own."""
    return max([cuda_driver(build, catalog), *(card_driver(card, catalog) for card in machine.cards)])


def card_driver(card: CudaDevice, catalog: Catalog) -> Version:
    """The oldest driver that knows `card`; () where that is unknown.

    A capability without a row has that of the next lower one of its major: cards came in this order.
    """
    major = [row for row in catalog.card_drivers if row.capability[0] == card.capability[0]]
    older = [row for row in major if row.capability <= card.capability]
    return max(older, key=lambda row: row.capability).driver if older else ()


def cuda_driver(build: Build, catalog: Catalog) -> Version:
    """The oldest driver for any toolkit of the build's CUDA major; the newest known where that is unknown."""
    if build.cuda is None:
        return ()
    told = next((row.driver for row in catalog.families if row.major == build.cuda[0]), None)
    return told or max(row.driver for row in catalog.toolkits)


def native_driver(cuda: tuple[int, int], catalog: Catalog) -> Version | None:
    """The driver that came with the first toolkit of `cuda`; from there on it needs no compatibility mode."""
    return min((row.driver for row in catalog.toolkits if row.toolkit[:2] == cuda), default=None)


def ceiling(driver: Version, catalog: Catalog) -> Version | None:
    """The newest CUDA that `driver` was made for, what nvidia-smi prints; None below every known one."""
    return max((row.toolkit[:2] for row in catalog.toolkits if row.driver <= driver), default=None)


def _index(build: Build, site: Site) -> str | None:
    if not build.is_published:
        return tr("{build.name} is not known to be published ({build.source})", build=build)
    if build.default or site.supply.wheels:
        return None
    return tr("{name} is on wheel indexes only, and none is to be used", name=build.name)


def _arch(build: Build, site: Site) -> str | None:
    arch = site.machine.arch
    return None if build.arch == arch else tr("there is no {name} for {arch}", name=build.name, arch=arch)


def _glibc(build: Build, site: Site) -> str | None:
    glibc = site.machine.glibc
    if glibc is None or glibc >= build.glibc:
        return None
    return tr(
        "{name} needs glibc ≥ {glibc}, this is {there}",
        name=build.name,
        glibc=dotted(build.glibc),
        there=dotted(glibc),
    )


def _python(build: Build, site: Site) -> str | None:
    python = site.machine.python
    if python is None or dotted(python[:2]) in build.pythons:
        return None
    return tr(
        "{name} is built for Python {pythons}, this is {python}",
        name=build.name,
        pythons=", ".join(build.pythons),
        python=dotted(python),
    )


def _gpu(build: Build, site: Site) -> str | None:
    machine = site.machine
    if machine.cpu_only or not build.is_published:  # what is in an unpublished build is not known
        return None
    if build.cuda is None:
        return tr("{name} has no CUDA, and there is a card", name=build.name)
    lacking = [card for card in machine.cards if runs_code(build, card) is None]
    if not lacking:
        return None
    codes = " ".join(f"sm_{major}{minor}" for major, minor in build.sm)
    return tr("{name} has no code for {lacking}, its code is {codes}", name=build.name, lacking=lacking[0], codes=codes)


def _driver(build: Build, site: Site) -> str | None:
    machine = site.machine
    needed = needed_driver(build, machine, site.catalog)
    if machine.cpu_only or machine.driver is None or machine.driver >= needed:
        return None
    who = build.name if needed == cuda_driver(build, site.catalog) else str(_newest(machine.cards))
    return tr(
        "{who} needs a driver ≥ {needed}, this is {driver}",
        who=who,
        needed=driver_text(needed),
        driver=driver_text(machine.driver),
    )


def _newest(cards: tuple[CudaDevice, ...]) -> CudaDevice:
    return max(cards, key=lambda card: card.capability)


# The order is that of naming: of two constraints that bind alike, the first is named.
RULES: dict[Constraint, Rule] = {
    "index": _index,
    "driver": _driver,
    "python": _python,
    "glibc": _glibc,
    "gpu": _gpu,
    "arch": _arch,
}
