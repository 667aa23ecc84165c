from __future__ import annotations

import re

import pytest

from gpustrap.catalog.cards import load_cards
from gpustrap.catalog.torch import load_catalog
from gpustrap.resolve.box.cards import find_card
from gpustrap.resolve.box.fit import support
from gpustrap.resolve.box.makers import not_a_card
from gpustrap.resolve.torch.machine import CudaDevice
from gpustrap.resolve.torch.rules import card_driver

CARDS = load_cards()
CATALOG = load_catalog()
BRANDS = {"geforce": "GeForce ", "titan": "", "workstation": "", "datacenter": "Tesla ", "mining": ""}

every_card = pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)


@every_card
def test_a_card_is_found_by_its_names_as_a_driver_and_as_people_write_them(card):
    for name in (card.name, *card.aliases):
        assert find_card(name, CARDS) is card
        assert find_card(f"NVIDIA {BRANDS[card.line]}{name}", CARDS) is card
        assert find_card(name.lower(), CARDS) is card
        assert find_card(f"  {name.upper()} GPU ", CARDS) is card


@every_card
def test_a_card_is_found_with_hyphens_and_with_its_brand_right_before_its_number(card):
    assert find_card(card.name.replace(" ", "-"), CARDS) is card
    assert find_card(re.sub(r"\b(RTX|GTX|PRO|Titan|Quadro) ", r"\1", card.name), CARDS) is card


@every_card
def test_a_card_is_not_taken_for_another_makers(card):
    assert [not_a_card(name) for name in (card.name, *card.aliases)] == [None] * (1 + len(card.aliases))


@every_card
def test_a_cards_figures_are_of_a_cards_size(card):
    assert card.vram_gib and 2 <= min(card.vram_gib) <= max(card.vram_gib) <= 300
    assert card.bandwidth_gb_s is None or 50 < card.bandwidth_gb_s < 10_000
    assert card.nvlink_gb_s is None or 0 <= card.nvlink_gb_s <= 2000
    assert not card.nvlink_bridge or card.nvlink_gb_s


@every_card
def test_cards_of_one_capability_are_of_one_architecture(card):
    assert {other.architecture for other in CARDS if other.compute_capability == card.compute_capability} == {
        card.architecture
    }


@every_card
def test_what_runs_on_a_card_follows_from_the_wheels(card):
    found = support(card, CATALOG)
    assert (found.torch is None) == (found.cuda is None)
    assert found.torch is None or found.torch[0] <= found.torch[1]


@every_card
def test_a_newer_card_never_needs_an_older_driver(card):
    def needed(other):
        return card_driver(CudaDevice(other.name, other.compute_capability), CATALOG)

    newer = [other for other in CARDS if other.compute_capability >= card.compute_capability]
    # 12.x came before 10.3 and 11.x: an order holds within one major, and between the first of each
    alike = [other for other in newer if other.compute_capability[0] == card.compute_capability[0]]
    assert [other.name for other in alike if needed(other) < needed(card)] == []
    assert needed(card) or card.compute_capability < (6, 0)


def test_each_capability_has_one_driver():
    rows = CATALOG.card_drivers
    assert len({row.capability for row in rows}) == len(rows)
