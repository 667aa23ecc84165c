"""What of a machine decides which torch runs there: read from a survey, or declared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gpustrap.catalog.cards import Card
from gpustrap.catalog.mirrors import Mirror
from gpustrap.errors import BadInput, Fault
from gpustrap.resolve.box.cards import capability_of
from gpustrap.resolve.box.makers import of_a_jetson
from gpustrap.resolve.box.survey import Survey, VisibleCard
from gpustrap.resolve.versions import Version

NO_CARD = "none"  # what a person writes for a machine that shall have no card


@dataclass(frozen=True)
class CudaDevice:
    """One card and its compute capability; `name` is for people."""

    name: str
    capability: tuple[int, int]

    def __str__(self) -> str:
        number = f"{self.capability[0]}.{self.capability[1]}"
        return self.name if number in self.name else f"{self.name} ({number})"


@dataclass(frozen=True)
class Machine:
    """A version that is None is not known, and its rule is not applied. Every card must run the build.

    `cpu_only` is a machine that shall run without a card. `declared` says that the cards are not visible
    (no-card mode) and were named by a person.
    """

    arch: str = "x86_64"
    python: Version | None = None
    glibc: Version | None = None
    driver: Version | None = None
    cards: tuple[CudaDevice, ...] = ()
    cpu_only: bool = False
    declared: bool = False


@dataclass(frozen=True)
class Supply:
    """Where wheels can come from. `wheels` are torch mirrors, best first; none means the Python index only.

    `pypi` is the Python index to use, None for the client's own default.
    """

    wheels: tuple[Mirror, ...] = ()
    pypi: str | None = None


def declare(machine: Machine, gpu: str | None, cards: Iterable[Card]) -> Machine:
    """`machine` with the card that a person named; `none` means CPU only. Raises BadInput for unknown names.

    A visible card is the truth and stays.
    """
    if gpu is None or machine.cards:
        return machine
    if gpu.strip().lower() == NO_CARD:
        return replace(machine, cpu_only=True)
    return replace(machine, cards=(CudaDevice(*capability_of(gpu, cards)),), declared=True)


def machine_of(survey: Survey, cards: Iterable[Card]) -> Machine:
    """The machine as surveyed. A card whose compute capability is not told is looked up by its name.

    Raises BadInput for a name that is not known then, and for a Jetson in any case.
    """
    known = tuple(cards)
    seen = [_device(gpu, known) for gpu in survey.gpus]
    python = survey.python[:2] if survey.python else None
    unique = tuple(dict.fromkeys(seen))
    return Machine(survey.arch, python, survey.glibc, survey.driver, unique)


def _device(gpu: VisibleCard, cards: Iterable[Card]) -> CudaDevice:
    if jetson := of_a_jetson(gpu.name):
        raise BadInput(Fault(jetson, key="gpu"))
    if gpu.compute_capability:
        return CudaDevice(gpu.name, gpu.compute_capability)
    return CudaDevice(*capability_of(gpu.name, cards))
