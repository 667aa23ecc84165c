"""All kinds of cards × driver branches × Pythons, on the host that each card has.

Cards of one compute capability and one host are one kind: what a card is called decides nothing, which is tried too.
"""

from itertools import product

import pytest

from gpustrap.catalog.cards import load_cards
from gpustrap.catalog.mirrors import mirrors_of
from gpustrap.catalog.torch import load_catalog
from gpustrap.resolve.torch.answer import Choice
from gpustrap.resolve.torch.choose import choose_build
from gpustrap.resolve.torch.machine import CudaDevice, Machine, Supply
from gpustrap.resolve.torch.request import Want
from gpustrap.resolve.torch.site import Site

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
KINDS = {(card.compute_capability, card.host_arch): card for card in load_cards()}


def choose(card, driver, python=None, supply=WHEELS):
    seen = (CudaDevice(card.name, card.compute_capability),)
    machine = Machine(card.host_arch or "x86_64", python, (2, 35), driver, seen)
    return choose_build(Want(), Site(machine, supply, CATALOG))


@pytest.mark.parametrize("card", KINDS.values(), ids=lambda card: card.name)
def test_each_card_with_each_driver_and_python_has_a_build_or_a_named_constraint(card):
    blackwell = card.compute_capability >= (10, 0)
    for driver, python in product(DRIVERS, PYTHONS):
        answer = choose(card, driver, python)
        if isinstance(answer, Choice):
            assert f"3.{python[1]}" in answer.build.pythons
            assert not blackwell or driver >= (570,)
            assert answer.build.cuda < (13, 0) or driver >= (580,)
        else:
            assert answer.constraint in ("driver", "python", "gpu"), (card.name, driver, python, answer)
            assert not answer.message.endswith("nothing runs here") or not answer.alternatives


def test_what_a_card_is_called_decides_nothing():
    for card, driver in product(load_cards(), [(525, 60, 13), (580, 65, 6)]):
        kind = KINDS[card.compute_capability, card.host_arch]
        assert decided(choose(card, driver)) == decided(choose(kind, driver)), card.name


def decided(answer):
    return answer.build if isinstance(answer, Choice) else answer.constraint


def newest(card, driver, supply):
    """The newest torch that the rows allow, worked out apart from the resolver: None where there is none."""
    family = {row.major: row.driver for row in CATALOG.families}
    arch = card.host_arch or "x86_64"
    builds = [build for build in CATALOG.builds if build.arch == arch and build.cuda and build.is_published]
    runs = [
        build.torch
        for build in builds
        if (build.default or supply.wheels)
        and driver >= family[build.cuda[0]]
        and any(sm[0] == card.compute_capability[0] and sm <= card.compute_capability for sm in build.sm)
    ]
    return max(runs, default=None)


@pytest.mark.parametrize("card", KINDS.values(), ids=lambda card: card.name)
@pytest.mark.parametrize("driver", [(575, 57, 8), (580, 65, 6), (640,)])
@pytest.mark.parametrize("supply", [WHEELS, Supply()], ids=["with wheel mirrors", "default wheels only"])
def test_each_card_gets_the_newest_torch_that_the_rows_allow(card, driver, supply):
    answer = choose(card, driver, supply=supply)
    found = answer.build.torch if isinstance(answer, Choice) else None
    if found is not None or answer.constraint != "driver":  # a card's own oldest driver is not worked out here
        assert found == newest(card, driver, supply)
