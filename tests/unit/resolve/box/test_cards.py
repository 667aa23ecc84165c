"""On the cards of the small catalog: a row that is added to the catalog changes no answer here."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpustrap.catalog.cards import Card, load_cards
from gpustrap.catalog.rows import read_rows
from gpustrap.errors import BadInput
from gpustrap.resolve.box.cards import capability_of, find_card, host_arch_of

CARDS = read_rows("cards.jsonl", Card, Path(__file__).parents[2] / "small_catalog")
LISTED = "hint: `gpustrap gpus` lists the cards; a compute capability such as 8.9 is taken too"


@pytest.mark.parametrize(
    ("card", "names"),
    [
        ("RTX 4090", ["4090", "RTX 4090-24G", "RTX4090", "NVIDIA GeForce RTX 4090", "RTX 4090 48GB", "8x RTX 4090"]),
        ("RTX 4090 D", ["4090D", "NVIDIA GeForce RTX 4090 D", "rtx4090d"]),
        ("RTX 4090 Laptop", ["GeForce RTX 4090 Laptop GPU", "4090 mobile", "4090m"]),
        ("RTX 5090", ["5090", "NVIDIA GeForce RTX 5090"]),
        ("RTX 5090 D v2", ["NVIDIA GeForce RTX 5090 D v2", "5090DV2"]),
        ("RTX 4080 SUPER", ["4080 super", "4080S", "RTX 4080 S"]),
        ("RTX 3080 Ti", ["3080Ti", "GeForce RTX 3080 Ti"]),
        ("A100 40GB", ["NVIDIA A100-PCIE-40GB", "A100-SXM4-40GB", "A100", "NVIDIA A100-SXM4-40GB MIG 1g.5gb"]),
        ("A100 80GB SXM", ["A100-SXM4-80GB", "A100 80G", "A100 80GB"]),
        ("A100 80GB PCIe", ["NVIDIA A100 80GB PCIe", "GRID A100D-40C", "A100-PCIE-80GB"]),
        ("A800 80GB", ["A800-SXM4-80GB", "A800"]),
        ("H20", ["H20", "NVIDIA H20", "H20-3e", "H20 96GB"]),
        ("H100 SXM", ["NVIDIA H100 80GB HBM3", "H100"]),
        ("H100 PCIe", ["H100 PCIe", "NVIDIA H100 PCIe"]),
        ("H100 NVL", ["H100 NVL", "NVIDIA H100L-94C"]),
        ("V100 SXM2", ["Tesla V100-SXM2-32GB", "V100"]),
        ("V100 PCIe", ["Tesla V100-PCIE-16GB", "GRID V100D-8C"]),
        ("V100S", ["Tesla V100S-PCIE-32GB", "V100S"]),
        ("T4", ["Tesla T4", "GRID T4-16Q"]),
        ("P40", ["Tesla P40", "p40"]),
        ("A10G", ["NVIDIA A10G"]),
        ("A10", ["NVIDIA A10"]),
        ("L40S", ["NVIDIA L40S", "L40S-48C"]),
        ("RTX A6000", ["A6000", "NVIDIA RTX A6000", "Quadro RTX A6000", "NVIDIA RTXA6000-48Q", "rtxa6000"]),
        ("Quadro RTX 6000", ["Quadro RTX 6000", "GRID RTX6000-24Q"]),
        (
            "RTX 6000 Ada",
            ["NVIDIA RTX 6000 Ada Generation", "6000 Ada", "RTX6000Ada", "Ada6000", "NVIDIA RTX6000-Ada-48Q"],
        ),
        ("RTX 5880 Ada", ["RTX 5880", "5880 Ada"]),
        ("RTX 4000 SFF Ada", ["NVIDIA RTX 4000 SFF Ada Generation"]),
        (
            "RTX PRO 6000 Blackwell",
            [
                "NVIDIA RTX PRO 6000 Blackwell Server Edition",
                "RTX PRO 6000 Blackwell Workstation Edition",
                "RTX PRO 6000 Blackwell Max-Q Workstation Edition",
                "RTX PRO 6000",
                "RTXPRO6000",
            ],
        ),
        ("Titan X (Pascal)", ["NVIDIA TITAN X (Pascal)", "Titan X"]),
        ("Titan RTX", ["NVIDIA TITAN RTX", "titan rtx"]),
        ("Quadro P6000", ["Quadro P6000", "P6000"]),
        ("GH200", ["NVIDIA GH200 480GB", "GH200"]),
        ("GB10", ["NVIDIA GB10", "DGX Spark"]),
    ],
)
def test_a_card_is_found_by_the_names_that_people_and_drivers_give_it(card, names):
    assert {name: find_card(name, CARDS).name for name in names} == dict.fromkeys(names, card)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("4900", "RTX 4090"),
        ("RTX 4900", "RTX 4090"),
        ("A9000", "RTX A6000"),
        ("H300", "H100 SXM"),
        ("L60", "L40"),
        # what the name says of brand and architecture holds for the nearest too
        ("6001 Ada", "RTX 6000 Ada"),
        ("Quadro RTX 6001", "Quadro RTX 6000"),
        ("GeForce RTX 6000 Ada", None),
        ("6000 Ampere", None),
        ("RTX 7090", None),
        ("foo", None),
        ("", None),
    ],
)
def test_an_unknown_card_is_bad_input_with_the_nearest_of_its_architecture_or_none(name, nearest):
    with pytest.raises(BadInput) as raised:
        find_card(name, CARDS)
    like = f"; nearest: '{nearest}'" if nearest else ""
    assert str(raised.value) == f"gpu: no card '{name}' in the catalog{like}\n{LISTED}"


@pytest.mark.parametrize("name", ["RTX 6000", "6000"])
def test_a_name_of_several_cards_is_not_guessed(name):
    with pytest.raises(BadInput) as raised:
        find_card(name, CARDS)
    assert str(raised.value) == (
        f"gpu: '{name}' is the name of several cards: Quadro RTX 6000 (Turing, 7.5), RTX 6000 Ada (Ada, 8.9), "
        "RTX PRO 6000 Blackwell (Blackwell, 12.0)\nhint: write the whole name"
    )


@pytest.mark.parametrize("name", ["MI300X", "Ascend 910B", "Jetson AGX Orin"])
def test_another_makers_card_and_a_jetson_are_said_plainly(name):
    with pytest.raises(BadInput) as raised:
        find_card(name, CARDS)
    assert f"'{name}' is " in str(raised.value) and "nearest" not in str(raised.value)
    assert str(raised.value).endswith("\nhint: 'none' asks for a CPU build")


@pytest.mark.parametrize("text", ["sm_89", "8.9", "SM89", "sm_89a"])
def test_a_compute_capability_stands_for_a_card(text):
    assert capability_of(text, CARDS) == ("a card of compute capability 8.9", (8, 9))


@pytest.mark.parametrize("text", ["12.0", "sm_120"])
def test_a_capability_of_two_digits_before_the_point_is_read(text):
    assert capability_of(text, CARDS)[1] == (12, 0)


@pytest.mark.parametrize(
    ("name", "arch"), [("GH200", "aarch64"), ("DGX Spark", "aarch64"), ("4090", "x86_64"), ("foo", "x86_64")]
)
def test_a_card_soldered_to_its_host_brings_the_hosts_architecture(name, arch):
    assert host_arch_of(name, CARDS) == arch


WORDS = [
    "NVIDIA",
    "GeForce",
    "RTX",
    "Quadro",
    "Tesla",
    "A",
    "4090",
    "6000",
    "100",
    "Ti",
    "D",
    "Ada",
    "Blackwell",
    "80GB",
    "-8Q",
    "x",
]
ARCHITECTURES = sorted({card.architecture for card in CARDS})


@given(st.one_of(st.text(max_size=40), st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)))
def test_whatever_is_written_is_a_card_or_bad_input(name):
    try:
        assert find_card(name, CARDS) in CARDS
    except BadInput as bad:
        assert bad.faults[0].key == "gpu" and name in bad.faults[0].message


@given(st.sampled_from(["4091", "6001", "A6001", "H101", "L41", "V101", "P41"]), st.sampled_from(ARCHITECTURES))
def test_the_nearest_is_of_the_architecture_that_the_name_says(model, architecture):
    with pytest.raises(BadInput) as raised:
        find_card(f"{model} {architecture}", CARDS)
    near = raised.value.faults[0].nearest
    assert near is None or find_card(near, CARDS).architecture == architecture


# As NVIDIA's driver calls them: README of NVIDIA's open kernel modules 595.45.04, "Compatible GPUs".
NAMED_BY_THE_DRIVER = {
    (6, 1): "NVIDIA P106-100|P104-100|NVIDIA P102-100",
    (7, 0): "Tesla V100-SXM2-32GB-LS|Tesla V100-SXM3-32GB-H|Tesla V100-SXM2-16GB-N|Tesla V100-PG503-216",
    (7, 5): """NVIDIA CMP 40HX|Quadro RTX 4000 with Max-Q Design|Quadro RTX 8000|Quadro T1000|NVIDIA T1000 8GB|NVIDIA TITAN RTX|Tesla T4
        |NVIDIA GeForce GTX 1650 SUPER|NVIDIA GeForce RTX 2080 Super with Max-Q Design|NVIDIA T1200 Laptop GPU""",
    (8, 0): """NVIDIA A100-SXM-64GB|NVIDIA A30|NVIDIA A800 40GB Active|NVIDIA A800 80GB PCIe LC|NVIDIA PG506-232
        |NVIDIA CMP 170HX|NVIDIA A100-PG509-200|NVIDIA A100-PG506-207
        |NVIDIA A800-SXM4-40GB""",
    (8, 6): """NVIDIA A10M|NVIDIA A16|NVIDIA A2|NVIDIA A40|NVIDIA GeForce RTX 2050|NVIDIA GeForce RTX 3050 6GB Laptop GPU
        |NVIDIA GeForce RTX 3050Ti Laptop GPU|NVIDIA RTX A2000 12GB|NVIDIA RTX A2000 8GB Laptop GPU|NVIDIA RTX A4000H
        |NVIDIA RTX A4500 Embedded GPU|NVIDIA RTX A5500""",
    (8, 9): """NVIDIA L2|NVIDIA L20|NVIDIA L4|NVIDIA L40|NVIDIA GeForce RTX 4070 Ti SUPER|NVIDIA RTX 2000E Ada Generation
        |NVIDIA RTX 3500 Ada Generation Embedded GPU|NVIDIA RTX 4500 Ada Generation|NVIDIA RTX 5880 Ada Generation
        |NVIDIA RTX 4000 SFF Ada Generation|NVIDIA GeForce RTX 4050 Laptop GPU""",
    (9, 0): "NVIDIA GH200 144G HBM3e|NVIDIA H20 NVL16|NVIDIA H200|NVIDIA H200 NVL|NVIDIA H800|NVIDIA H800 NVL",
    (10, 0): "NVIDIA B200|NVIDIA GB200",
    (10, 3): "NVIDIA B300 SXM6 AC|NVIDIA GB300",
    (12, 0): """NVIDIA GeForce RTX 5050 Laptop GPU|NVIDIA GeForce RTX 5070 Ti|NVIDIA GeForce RTX 5090 D|NVIDIA RTX 6000D
        |NVIDIA RTX PRO 4000 Blackwell SFF Edition|NVIDIA RTX PRO 4500 Blackwell|NVIDIA RTX PRO 5000 72GB Blackwell""",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "capability"),
    [(name.strip(), key) for key, names in NAMED_BY_THE_DRIVER.items() for name in names.split("|")],
)
def test_the_catalog_knows_a_card_by_the_drivers_name(name, capability):
    assert find_card(name, load_cards()).compute_capability == capability
