from __future__ import annotations

import pytest

from gpustrap.resolve.box.card_report import nvlink, pcie, rows_of, share
from gpustrap.resolve.box.survey import PcieLink, VisibleCard

FULL = PcieLink(4, 4, 16, 16)
IDLE = "an idle card lowers its generation to save power: look again under load"


def card(name="NVIDIA A100-SXM4-40GB", **told):
    return VisibleCard(name, (8, 0), 40960, **told)


@pytest.mark.parametrize(
    ("link", "text"),
    [
        (None, "nvidia-smi does not report the PCIe link"),
        (FULL, "gen 4 x16, as fast as card and host allow; under load it carries about 31.5 GB/s each way"),
        (
            PcieLink(1, 4, 16, 16),
            f"gen 1 x16 now, gen 4 x16 at most; under load it carries about 31.5 GB/s each way; {IDLE}",
        ),
        (
            PcieLink(3, 3, 8, 16),
            "gen 3 x8 now, gen 3 x16 at most; under load it carries about 7.88 GB/s each way; "
            "only 8 of 16 lanes are up: if it stays so under load, take another host",
        ),
        (
            PcieLink(4, 4, 8, 8),
            "gen 4 x8, as fast as card and host allow; under load it carries about 15.8 GB/s each way; "
            "copying data and models to the card takes 2 times as long as with x16",
        ),
        (
            PcieLink(1, 3, 1, 4),
            f"gen 1 x1 now, gen 3 x4 at most; under load it carries about 0.985 GB/s each way; {IDLE}; "
            "only 1 of 4 lanes are up: if it stays so under load, take another host; "
            "copying data and models to the card takes 4 times as long as with x16",
        ),
        (PcieLink(7, 7, 16, 16), "gen 7 x16, as fast as card and host allow"),
    ],
    ids=["not told", "full", "idle", "lanes down", "narrow", "all of it", "a generation to come"],
)
def test_a_pcie_link_is_told_with_what_is_less_than_it_could_be(link, text):
    assert pcie(card(pcie=link)) == text


VGPU = "the provider's hypervisor gives this instance a share of a card"


@pytest.mark.parametrize(
    ("gpu", "text"),
    [
        (card(), "the whole card, without a MIG mode"),
        (card(mig=False), "the whole card, MIG is off"),
        (
            card(mig=True, mig_devices=("1g.5gb", "3g.20gb", "1g.5gb")),
            "MIG is on: 2 × 1g.5gb, 3g.20gb, each a part of the card with memory and cores of its own",
        ),
        (card(mig=True), "MIG is on, but there is no MIG device: CUDA finds no card until the provider makes one"),
        (card(virtualization="VGPU"), f"a vGPU, the driver says so: {VGPU}"),
        (card("GRID V100D-8C"), f"a vGPU, its name says so: {VGPU}"),
        (card("NVIDIA A16-16Q"), f"a vGPU, its name says so: {VGPU}"),
        (card("GRID A100-1-5CME", mig=True), f"a vGPU, its name says so: {VGPU}"),
        (card("GRID K520", virtualization="None"), "the whole card, without a MIG mode"),
        (
            card(mig=False, virtualization="Pass-Through"),
            "the whole card, MIG is off, passed through to this VM",
        ),
    ],
)
def test_a_card_is_whole_or_a_share_and_how_that_is_known(gpu, text):
    assert share(gpu) == text


@pytest.mark.parametrize(
    "name", ["NVIDIA A100-SXM4-40GB", "NVIDIA H100 80GB HBM3", "Tesla V100-SXM2-16GB", "NVIDIA RTX A6000"]
)
def test_no_whole_card_is_a_vgpu_by_its_name(name):
    assert share(card(name)) == "the whole card, without a MIG mode"


@pytest.mark.parametrize(
    ("speeds", "alone", "text"),
    [
        (None, False, "nvidia-smi does not report NVLink"),
        ((), False, "no link is active: cards reach each other over PCIe or through the host's memory"),
        ((), True, "no link is active"),
        ((25.0,), False, "1 link is active, 25 GB/s each way"),
        ((26.562,) * 18, False, "18 links are active, 478 GB/s each way"),
        ((26.562,) * 18, True, "18 links are active, 478 GB/s each way, but this instance has no other card to reach"),
    ],
)
def test_nvlink_is_told_by_its_active_links(speeds, alone, text):
    assert nvlink(card(nvlink_gb_s=speeds), alone) == text


def test_cards_alike_are_told_once():
    rows = rows_of([card(pcie=FULL, mig=False, nvlink_gb_s=(25.0,) * 12)] * 8)
    assert rows == [
        ("MIG/vGPU", "each card: the whole card, MIG is off"),
        (
            "PCIe",
            "each card: gen 4 x16, as fast as card and host allow; under load it carries about 31.5 GB/s each way",
        ),
        ("NVLink", "each card: 12 links are active, 300 GB/s each way"),
    ]


def test_cards_that_differ_are_told_by_their_index():
    rows = rows_of([card(mig=False, nvlink_gb_s=()), card(mig=True, nvlink_gb_s=())])
    assert rows[:3] == [
        ("MIG/vGPU", "card 0: the whole card, MIG is off"),
        ("MIG/vGPU", "card 1: MIG is on, but there is no MIG device: CUDA finds no card until the provider makes one"),
        ("PCIe", "each card: nvidia-smi does not report the PCIe link"),
    ]


def test_one_card_needs_no_index_and_its_nvlink_leads_nowhere():
    assert rows_of([card(nvlink_gb_s=(25.0,))])[2] == (
        "NVLink",
        "1 link is active, 25 GB/s each way, but this instance has no other card to reach",
    )


def test_without_a_card_there_is_no_row():
    assert rows_of([]) == []
