"""The card of an instance when none is visible: as declared, else as it was last seen. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from gpustrap.catalog.cards import load_cards
from gpustrap.catalog.torch import Catalog
from gpustrap.errors import BadInput, InstanceFailed
from gpustrap.language import tr
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.torch.machine import CudaDevice, Machine, declare, machine_of
from gpustrap.resolve.versions import Version, driver_text, parse, read_driver

MEMORY = "gpustrap-torch.json"  # in gpustrap's folder on the disk that survives, where the survey looks for it


def root_of(survey: Survey) -> str:
    """gpustrap's folder on the disk that survives a stop and has the most room; without one, in the home."""
    kept = [disk for disk in survey.disks if disk.survives and disk.mount != "/"]
    roomiest = max(kept, key=lambda disk: disk.free_bytes, default=None)
    return f"{roomiest.mount if roomiest else survey.home}/gpustrap"


def machine_for(gpu: str | None, driver: str | None, survey: Survey, catalog: Catalog) -> Machine:
    """The machine as seen; what is not visible is as declared, `gpu` and `driver`, else as it was last seen.

    Raises InstanceFailed for a visible card whose compute capability nobody tells.
    """
    machine, memory = declare(_seen(survey), gpu, load_cards()), memory_of(survey)
    if memory and not machine.cards and not machine.cpu_only:
        machine = replace(machine, cards=memory.cards, declared=True)
    known = machine.driver or (read_driver(driver, catalog) if driver else None)
    # A driver goes with its card: another declared card is another host.
    if known is None and memory and _capabilities(machine.cards) == _capabilities(memory.cards):
        known = memory.driver
    return replace(machine, driver=known)


def memory_of(survey: Survey) -> Machine | None:
    """The cards and the driver that a run with a card wrote down; None for none, or for a text not ours."""
    try:
        told = json.loads(survey.torch_memory or "")
        cards = tuple(CudaDevice(str(card["name"]), (int(card["major"]), int(card["minor"]))) for card in told["cards"])
        driver = parse(told["driver"]) if told["driver"] else None
    except (ValueError, TypeError, KeyError):
        return None
    return Machine(cards=cards, driver=driver) if cards else None


def to_remember(survey: Survey) -> Mapping[str, object] | None:
    """What `memory_of` reads back, for the visible cards; None in no-card mode."""
    if not survey.gpus:
        return None
    cards = [
        {"name": card.name, "major": card.capability[0], "minor": card.capability[1]} for card in _seen(survey).cards
    ]
    return {"cards": cards, "driver": driver_text(survey.driver) if survey.driver else None}


def differences(gpu: str | None, driver: str | None, survey: Survey, catalog: Catalog) -> tuple[str, ...]:
    """Where the card and the driver that are seen are not those that were declared or remembered."""
    if not survey.gpus:
        return ()
    seen, memory = _seen(survey), memory_of(survey)
    declared = declare(Machine(), gpu, load_cards())
    declared_driver = read_driver(driver, catalog) if driver else None
    lines = _unlike(seen, tr("hosts.yml declares"), declared.cards, declared_driver)
    if memory:
        lines += _unlike(seen, tr("the last start with a card had"), memory.cards, memory.driver)
    return tuple(lines)


def _seen(survey: Survey) -> Machine:
    try:
        return machine_of(survey, load_cards())
    except BadInput as unknown:
        hint = tr("`gpustrap gpus` lists the cards that are known")
        raise InstanceFailed(unknown.faults[0].message, operation="gpu", hint=hint) from unknown


def _unlike(seen: Machine, who: str, cards: tuple[CudaDevice, ...], driver: Version | None) -> list[str]:
    lines = []
    if cards and _capabilities(cards) != _capabilities(seen.cards):
        lines.append(
            tr(
                "{who} {cards}, here is {there}: what is seen counts",
                who=who,
                cards=_names(cards),
                there=_names(seen.cards),
            )
        )
    if driver and seen.driver and seen.driver[: len(driver)] != driver:
        there = driver_text(seen.driver)
        lines.append(
            tr(
                "{who} driver {driver}, here is {there}: what is seen counts",
                who=who,
                driver=driver_text(driver),
                there=there,
            )
        )
    return lines


def _names(cards: tuple[CudaDevice, ...]) -> str:
    return ", ".join(map(str, cards))


def _capabilities(cards: tuple[CudaDevice, ...]) -> set[tuple[int, int]]:
    return {card.capability for card in cards}
