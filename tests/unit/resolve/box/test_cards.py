import pytest

from gpustrap.catalog.cards import load_cards
from gpustrap.errors import BadInput
from gpustrap.resolve.box.cards import capability_of, find_card, host_arch_of

CARDS = load_cards()


@pytest.mark.parametrize(
    ("name", "card"),
    [
        ("4090", "RTX 4090"),
        ("RTX 4090-24G", "RTX 4090"),
        ("RTX4090", "RTX 4090"),
        ("NVIDIA GeForce RTX 4090", "RTX 4090"),
        ("RTX 4090 48GB", "RTX 4090"),
        ("4090D", "RTX 4090 D"),
        ("NVIDIA GeForce RTX 4090 D", "RTX 4090 D"),
        ("5090", "RTX 5090"),
        ("4080 super", "RTX 4080 SUPER"),
        ("3080Ti", "RTX 3080 Ti"),
        ("A100-SXM4-80GB", "A100 80GB SXM"),
        ("NVIDIA A100-PCIE-40GB", "A100 40GB"),
        ("A100 80GB PCIe", "A100 80GB PCIe"),
        ("A800-SXM4-80GB", "A800 80GB"),
        ("H20", "H20"),
        ("NVIDIA H100 80GB HBM3", "H100 SXM"),
        ("H100 PCIe", "H100 PCIe"),
        ("H100 NVL", "H100 NVL"),
        ("Tesla V100-SXM2-32GB", "V100 SXM2"),
        ("Tesla V100-PCIE-16GB", "V100 PCIe"),
        ("Tesla T4", "T4"),
        ("Tesla P40", "P40"),
        ("NVIDIA L20", "L20"),
        ("A6000", "RTX A6000"),
        ("NVIDIA RTX PRO 6000 Blackwell Server Edition", "RTX PRO 6000 Blackwell"),
        ("NVIDIA GH200 480GB", "GH200"),
        ("NVIDIA GB10", "GB10"),
    ],
)
def test_a_card_is_found_by_the_name_that_people_and_drivers_give_it(name, card):
    assert find_card(name, CARDS).name == card


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("4900", "RTX 4090"),
        ("A1000", "A100 40GB"),
        ("RTX 6000", "RTX A6000"),
        ("foo", "RTX 2080 Ti"),
        ("", "RTX 2080 Ti"),
    ],
)
def test_an_unknown_card_is_bad_input_with_the_nearest_name(name, nearest):
    with pytest.raises(BadInput) as raised:
        find_card(name, CARDS)
    assert str(raised.value) == (
        f"gpu: no card '{name}' in the catalog; nearest: '{nearest}'\n"
        "hint: `gpustrap gpus` lists the cards; a compute capability such as 8.9 is taken too"
    )


@pytest.mark.parametrize("text", ["sm_89", "8.9", "SM89"])
def test_a_compute_capability_stands_for_a_card(text):
    assert capability_of(text, CARDS) == ("a card of compute capability 8.9", (8, 9))


@pytest.mark.parametrize(
    ("name", "arch"), [("GH200", "aarch64"), ("DGX Spark", "aarch64"), ("4090", "x86_64"), ("foo", "x86_64")]
)
def test_a_card_soldered_to_its_host_brings_the_hosts_architecture(name, arch):
    assert host_arch_of(name, CARDS) == arch
