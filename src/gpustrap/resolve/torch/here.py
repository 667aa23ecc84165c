"""Which torch builds run on an instance as it is, whatever hosts.yml wishes. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gpustrap.catalog.cards import Card
from gpustrap.catalog.torch import Catalog
from gpustrap.errors import BadInput
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.torch.answer import Choice, Refusal, as_json
from gpustrap.resolve.torch.choose import choose_build
from gpustrap.resolve.torch.last_seen import memory_of
from gpustrap.resolve.torch.machine import Machine, Supply, machine_of
from gpustrap.resolve.torch.request import Want
from gpustrap.resolve.versions import dotted


@dataclass(frozen=True)
class Here:
    """The answer, and what was assumed for it, a clause each."""

    answer: Choice | Refusal
    assumed: tuple[str, ...] = ()


def torch_here(survey: Survey, cards: Iterable[Card], catalog: Catalog, supply: Supply) -> Here:
    """The newest torch that runs here, and what else does.

    Without a visible card it is for the card that was last seen, else for the CPU. Where the image's Python has
    no build, it is for one that uv brings.
    """
    try:
        machine = machine_of(survey, cards)
    except BadInput as unknown:
        return Here(Refusal("gpu", f"{unknown.faults[0].message}; `gpustrap gpus` lists the cards that are known"))
    machine, assumed = _with_a_card(machine, survey)
    answer = choose_build(Want(), machine, catalog, supply)
    if isinstance(answer, Refusal) and answer.constraint == "python" and machine.python:
        words = f"with a Python that uv brings, in place of {dotted(machine.python)}"
        return Here(choose_build(Want(), replace(machine, python=None), catalog, supply), (*assumed, words))
    return Here(answer, assumed)


def _with_a_card(machine: Machine, survey: Survey) -> tuple[Machine, tuple[str, ...]]:
    memory = memory_of(survey)
    if machine.cards:
        return machine, ()
    if memory is None:
        return replace(machine, cpu_only=True), ("on the CPU, since no card is visible",)
    words = f"on the card last seen, {', '.join(map(str, memory.cards))}"
    return replace(machine, cards=memory.cards, driver=machine.driver or memory.driver), (words,)


def lines_of(here: Here) -> list[str]:
    """`torch==2.15.0+cu132: newest that runs here`, then what else does; a refusal is one sentence."""
    answer, tail = here.answer, "".join(f", {words}" for words in here.assumed)
    if isinstance(answer, Refusal):
        return [f"none: {answer.message}{tail}"]
    build = answer.build
    where = f"any pip mirror has it as torch=={build.version}" if build.default else "from a wheel mirror"
    first = f"{answer.requirements[0]}: newest that runs here{tail}; {where}"
    return [first, *(f"{other.requirements[0]}: {other.why}" for other in answer.alternatives)]


def json_of(here: Here) -> dict[str, object]:
    """What `torch explain --json` prints, and `assumed`."""
    return {**as_json(here.answer), "assumed": list(here.assumed)}
