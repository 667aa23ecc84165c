from __future__ import annotations

from dataclasses import replace

import pytest

from gpustrap.catalog.cards import load_cards
from gpustrap.errors import BadInput
from gpustrap.resolve.box.survey import VisibleCard
from gpustrap.resolve.torch.machine import CudaDevice, Machine, declare, machine_of

SEEN = Machine(cards=(CudaDevice("NVIDIA L4", (8, 9)),))


@pytest.mark.parametrize(
    ("machine", "gpu", "cards", "cpu_only"),
    [
        (Machine(), None, (), False),
        (Machine(), "RTX 4090", (CudaDevice("RTX 4090", (8, 9)),), False),
        (Machine(), " None ", (), True),
        (SEEN, "RTX 4090", SEEN.cards, False),
        (SEEN, "none", SEEN.cards, False),
    ],
    ids=["nothing", "declared", "CPU", "seen before declared", "seen before none"],
)
def test_a_declared_card_counts_where_none_is_seen(machine, gpu, cards, cpu_only):
    declared = declare(machine, gpu, load_cards())
    assert (declared.cards, declared.cpu_only) == (cards, cpu_only)


def test_an_unknown_card_is_bad_input():
    with pytest.raises(BadInput):
        declare(Machine(), "no such card", load_cards())


def test_equal_cards_count_once_and_one_without_a_capability_is_looked_up(survey):
    gpus = (VisibleCard("NVIDIA L4", (8, 9), 1), VisibleCard("NVIDIA L4", (8, 9), 1), VisibleCard("Tesla P40", None, 1))
    machine = machine_of(replace(survey, gpus=gpus), load_cards())
    assert [card.capability for card in machine.cards] == [(8, 9), (6, 1)]


def test_a_card_is_written_with_its_capability_once():
    assert [str(CudaDevice(name, (8, 9))) for name in ("L4", "sm 8.9")] == ["L4 (8.9)", "sm 8.9"]
