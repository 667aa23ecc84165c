"""All cards × driver branches × Pythons, on the host that each card has."""

from itertools import product

import pytest

from gpustrap.catalog.cards import load_cards
from gpustrap.catalog.mirrors import mirrors_of
from gpustrap.catalog.torch import load_catalog
from gpustrap.resolve.torch.answer import Choice
from gpustrap.resolve.torch.choose import choose_build
from gpustrap.resolve.torch.machine import CudaDevice, Machine, Supply
from gpustrap.resolve.torch.request import Want

CATALOG = load_catalog()
WHEELS = Supply(mirrors_of("torch", "global"))
DRIVERS = [
    (450, 80, 2),
    (470, 82, 1),
    (525, 60, 13),
    (535, 54, 3),
    (550, 54, 15),
    (565, 57, 1),
    (570, 124, 6),
]
DRIVERS += [(575, 57, 8), (580, 65, 6), (595, 71, 5), (615,), (640,)]
PYTHONS = [(3, minor) for minor in range(8, 16)]

# collected 2026-11-23, x86-64: class of card → class of driver → with wheel indexes, default wheels only
NEWEST = {
    "old": {"<580": ("2.14.1+cu126", None), ">=580": ("2.14.1+cu126", None)},
    "middle": {"<580": ("2.14.1+cu126", "2.10.0+cu128"), ">=580": ("2.15.0+cu132", "2.15.0+cu132")},
    "new": {"<580": ("2.13.0+cu129", "2.10.0+cu128"), ">=580": ("2.15.0+cu132", "2.15.0+cu132")},
}


def card_class(card):
    return "old" if card.compute_capability < (7, 5) else "new" if card.compute_capability >= (10, 0) else "middle"


def choose(card, driver, python=None, supply=WHEELS):
    seen = (CudaDevice(card.name, card.compute_capability),)
    machine = Machine(card.host_arch or "x86_64", python, (2, 35), driver, seen)
    return choose_build(Want(), machine, CATALOG, supply)


@pytest.mark.parametrize("card", load_cards(), ids=lambda card: card.name)
def test_each_card_with_each_driver_and_python_has_a_build_or_a_named_constraint(card):
    blackwell = card.compute_capability >= (10, 0)
    for driver, python in product(DRIVERS, PYTHONS):
        answer = choose(card, driver, python)
        if isinstance(answer, Choice):
            assert f"3.{python[1]}" in answer.build.pythons
            assert not blackwell or driver >= (570,)
            assert answer.build.cuda < (13, 0) or driver >= (580,)
        else:
            # no CUDA build for ARM is as old as the oldest of these drivers and Pythons
            known = ("driver", "python", "gpu") if card.host_arch else ("driver", "python")
            assert answer.constraint in known, (card.name, driver, python, answer)
            assert answer.constraint != "driver" or driver < (580,)
            assert not answer.message.endswith("nothing runs here") or not answer.alternatives


@pytest.mark.parametrize(
    "card",
    [card for card in load_cards() if card.host_arch is None and card.compute_capability >= (5, 0)],
    ids=lambda card: card.name,
)
@pytest.mark.parametrize(("driver", "of"), [((575, 57, 8), "<580"), ((580, 65, 6), ">=580"), ((640,), ">=580")])
def test_the_newest_torch_of_each_class_is_as_the_facts_say(card, driver, of):
    wheels, default = NEWEST[card_class(card)][of]
    default = default or ("2.10.0+cu128" if card.compute_capability == (7, 0) else "2.7.1+cu126")
    assert choose(card, driver).build.name == wheels
    assert choose(card, driver, supply=Supply()).build.name == default
