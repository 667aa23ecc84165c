"""What nvidia-smi prints → the cards.

No GPU machine was at hand: the lines are written by hand after NVIDIA's formats, as `nvidia-smi --help-query-gpu`,
nvidia-smi(1) and the MIG user guide give them, and as people have posted them of the cards named.
"""

from __future__ import annotations

import pytest

from gpustrap.engine.facts.nvidia_smi import read_cards
from gpustrap.resolve.box.survey import PcieLink

A100 = "550.54.14, 40960, 8.0, NVIDIA A100-SXM4-40GB"
TWO_ON_L = [
    "GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-5c89852c-d268-c3f3-1b07-005d5ae1dc3f)",
    "  MIG 3g.20gb     Device  0: (UUID: MIG-1c2f1b7d-36b5-5f9c-a3b0-0f4f1ac4a6a0)",
    "  MIG 1c.3g.20gb  Device  1: (UUID: MIG-2d3f1b7d-36b5-5f9c-a3b0-0f4f1ac4a6a1)",
    "  MIG 1g.5gb+me   Device  2: (UUID: MIG-3e4f1b7d-36b5-5f9c-a3b0-0f4f1ac4a6a2)",
    "GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-6d98852c-d268-c3f3-1b07-005d5ae1dc40)",
]
NVLINK_HEAD = "GPU 0: NVIDIA H100 PCIe (UUID: GPU-6968dfc2-d444-d92c-c36b-6abe53445cb9)"


def one(**said):
    (card,) = read_cards(
        {"gpu": [A100], **{key: [lines] if isinstance(lines, str) else lines for key, lines in said.items()}}
    )
    return card


@pytest.mark.parametrize(
    ("line", "link"),
    [
        ("4, 4, 16, 16, Disabled", PcieLink(4, 4, 16, 16)),
        ("1, 4, 8, 16, [N/A]", PcieLink(1, 4, 8, 16)),
        ("1, 3, 16, 16", PcieLink(1, 3, 16, 16)),
        ("[N/A], [N/A], [N/A], [N/A], [N/A]", None),
        ("[Not Supported], [Not Supported], [Not Supported], [Not Supported]", None),
        ("N/A, 4, 16, 16, Disabled", None),
        ("0, 0, 0, 0, Disabled", None),
        ('Field "pcie.link.gen.max" is not a valid field to query.', None),
        ("", None),
    ],
)
def test_the_pcie_link_is_told_by_four_numbers_or_not_at_all(line, link):
    assert one(gpu_link=line).pcie == link


@pytest.mark.parametrize(
    ("line", "mig"),
    [
        ("4, 4, 16, 16, Enabled", True),
        ("4, 4, 16, 16, Disabled", False),
        ("4, 4, 16, 16, [N/A]", None),
        ("4, 4, 16, 16, N/A", None),
        ("4, 4, 16, 16, [Not Supported]", None),
        ("4, 4, 16, 16", None),
        ("[N/A], [N/A], [N/A], [N/A], Enabled", True),
    ],
)
def test_mig_is_on_off_or_not_told(line, mig):
    assert one(gpu_link=line).mig is mig


def test_mig_devices_belong_to_the_card_above_them():
    first, second = read_cards({"gpu": [A100] * 2, "mig": TWO_ON_L})
    assert (first.mig_devices, second.mig_devices) == (("3g.20gb", "1c.3g.20gb", "1g.5gb+me"), ())


@pytest.mark.parametrize(
    ("below", "speeds"),
    [
        (["\t Link 0: 26.562 GB/s", "\t Link 1: 26.562 GB/s", "\t Link 4: <inactive>"], (26.562, 26.562)),
        (["\t Link 0: 25 GB/s", "\t Link 1: 0 GB/s"], (25.0,)),
        (["\t NVML: Unable to retrieve NVLink information as all links are inActive"], ()),
        (["\t NVML: Unable to retrieve NVLink information: Not Supported"], ()),
        ([], ()),
        (["\t NVML: Unable to retrieve NVLink information: Insufficient Permissions"], None),
    ],
    ids=["some", "one at no speed", "all inactive", "not supported", "none listed", "not permitted"],
)
def test_an_nvlink_counts_at_its_speed_while_it_is_active(below, speeds):
    assert one(nvlink=[NVLINK_HEAD, *below]).nvlink_gb_s == speeds


@pytest.mark.parametrize(
    "lines", [[], [""], ["Failed to initialize NVML: Unknown Error"], ["GPU 1: another card (UUID: GPU-1)"]]
)
def test_a_card_that_is_not_listed_has_an_unknown_nvlink(lines):
    assert one(nvlink=lines).nvlink_gb_s is None


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        ("VGPU", "VGPU"),
        ("Pass-Through", "Pass-Through"),
        ("None", "None"),
        ("N/A", None),
        ("[Not Supported]", None),
        ("", None),
    ],
)
def test_the_virtualization_mode_is_told_as_the_driver_names_it(mode, told):
    assert one(virtualization=mode).virtualization == told


def test_cards_keep_their_order():
    said = {
        "gpu": [A100, "550.54.14, 23034, 8.9, NVIDIA L4"],
        "gpu_link": ["4, 4, 16, 16, Disabled", "1, 4, 8, 16, [N/A]"],
    }
    assert [(card.name, card.pcie, card.mig) for card in read_cards(said)] == [
        ("NVIDIA A100-SXM4-40GB", PcieLink(4, 4, 16, 16), False),
        ("NVIDIA L4", PcieLink(1, 4, 8, 16), None),
    ]


@pytest.mark.parametrize("lines", [["4, 4, 16, 16, Enabled"], ["4, 4, 16, 16, Enabled"] * 3])
def test_another_number_of_lines_than_cards_belongs_to_no_card(lines):
    cards = read_cards({"gpu": [A100] * 2, "gpu_link": lines, "virtualization": ["VGPU"] * len(lines)})
    assert [(card.pcie, card.mig, card.virtualization) for card in cards] == [(None, None, None)] * 2
