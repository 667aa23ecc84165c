"""What nvidia-smi prints → the cards.

No GPU machine was at hand: the lines are written by hand after NVIDIA's formats, as `nvidia-smi --help-query-gpu`,
nvidia-smi(1) and the MIG user guide give them, and as people have posted them of the cards named.
"""

from __future__ import annotations

import shlex

import pytest

from gpustrap.engine.facts import nvidia_smi
from gpustrap.engine.facts.nvidia_smi import NO_TOOL, RESTART, TELL, read
from gpustrap.engine.facts.other_makers import OTHERS
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


def cards_of(said):
    return read(said).visible


def one(**said):
    (card,) = cards_of(
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
    first, second = cards_of({"gpu": [A100] * 2, "mig": TWO_ON_L})
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
    assert [(card.name, card.pcie, card.mig) for card in cards_of(said)] == [
        ("NVIDIA A100-SXM4-40GB", PcieLink(4, 4, 16, 16), False),
        ("NVIDIA L4", PcieLink(1, 4, 8, 16), None),
    ]


@pytest.mark.parametrize("lines", [["4, 4, 16, 16, Enabled"], ["4, 4, 16, 16, Enabled"] * 3])
def test_another_number_of_lines_than_cards_belongs_to_no_card(lines):
    cards = cards_of({"gpu": [A100] * 2, "gpu_link": lines, "virtualization": ["VGPU"] * len(lines)})
    assert [(card.pcie, card.mig, card.virtualization) for card in cards] == [(None, None, None)] * 2


L4 = "550.54.14, 23034, 8.9, NVIDIA L4"
INFOROM = "WARNING: infoROM is corrupted at gpu 0000:01:00.0"
LOST = "Unable to determine the device handle for GPU 0000:02:00.0: GPU is lost.  Reboot the system to recover this GPU"
MISMATCH = "Failed to initialize NVML: Driver/library version mismatch"
NO_DRIVER = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver."
HEADER = "driver_version, memory.total [MiB], compute_cap, name"


@pytest.mark.parametrize(
    ("lines", "status", "names", "trouble"),
    [
        ([L4], "0", ["NVIDIA L4"], None),
        ([HEADER, L4], "0", ["NVIDIA L4"], None),
        ([L4, INFOROM], "14", ["NVIDIA L4"], f"nvidia-smi ended with 14: {INFOROM}; {TELL}"),
        ([L4, LOST], "255", ["NVIDIA L4"], f"nvidia-smi says: {LOST}; {RESTART}"),
        ([LOST], "15", [], f"nvidia-smi says: {LOST}; {RESTART}"),
        (
            [L4, "550.54.14, ERR!, ERR!, ERR!"],
            "0",
            ["NVIDIA L4"],
            f"nvidia-smi tells of a card `550.54.14, ERR!, ERR!, ERR!`; {RESTART}",
        ),
        (
            ["550.54.14, [Unknown Error], 8.9, NVIDIA L4"],
            "0",
            [],
            f"nvidia-smi tells of a card `550.54.14, [Unknown Error], 8.9, NVIDIA L4`; {RESTART}",
        ),
        (
            ["[Unknown Error], 23034, 8.9, NVIDIA L4"],
            "0",
            [],
            f"nvidia-smi tells of a card `[Unknown Error], 23034, 8.9, NVIDIA L4`; {RESTART}",
        ),
        (
            ["550.54.14, [GPU is lost], [GPU is lost], [GPU is lost]"],
            "15",
            [],
            f"nvidia-smi tells of a card `550.54.14, [GPU is lost], [GPU is lost], [GPU is lost]`; {RESTART}",
        ),
        (
            [MISMATCH, "NVML library version: 550.54"],
            "18",
            [],
            f"nvidia-smi ended with 18: {MISMATCH} / NVML library version: 550.54; {RESTART}",
        ),
        ([NO_DRIVER], "9", [], f"nvidia-smi ended with 9: {NO_DRIVER}; {RESTART}"),
        ([], "127", [], f"nvidia-smi ended with 127; {RESTART}"),
        ([], "124", [], f"nvidia-smi gave no answer in 10 s; {RESTART}"),
        ([], "137", [], f"nvidia-smi gave no answer in 10 s; {RESTART}"),
        (["Segmentation fault"], "0", [], f"nvidia-smi ended with 0: Segmentation fault; {RESTART}"),
        (["No devices were found"], "6", [], None),
        ([], "", [], None),
    ],
)
def test_rows_that_are_whole_count_and_a_failure_keeps_its_words(lines, status, names, trouble):
    cards = read({"gpu": lines, "gpu_status": [status]})
    assert [card.name for card in cards.visible] == names
    assert cards.trouble == trouble


def test_a_virtual_card_without_a_compute_capability_is_a_card():
    (card,) = cards_of({"gpu": ["470.82.01, 8192, [N/A], GRID T4-8C"]})
    assert (card.name, card.compute_capability, card.vram_mib) == ("GRID T4-8C", None, 8192)


def test_a_name_has_no_escape_sequences():
    (card,) = cards_of({"gpu": ["550.54.14, 23034, 8.9, NVIDIA\x1b[31m L4\x1b]0;title\x07"]})
    assert card.name == "NVIDIA L4"


@pytest.mark.parametrize("trace", ["/dev/nvidia0", "/proc/driver/nvidia/version"])
def test_a_card_on_a_box_without_nvidia_smi_could_not_be_read(trace):
    cards = read({"card_trace": [trace]})
    assert (cards.visible, cards.trouble) == ((), f"{trace} is there, and no nvidia-smi is on PATH; {NO_TOOL}")


def test_the_driver_is_that_of_the_first_whole_row():
    assert read({"gpu": ["[Unknown Error], ERR!, ERR!, ERR!", L4]}).driver == "550.54.14"


@pytest.mark.parametrize(
    "words", ["GPU 1: GPU is lost", "unable to determine the device handle for GPU", "GPU has fallen off the bus"]
)
def test_a_card_that_fell_off_is_said_whichever_way_it_is_told(words):
    assert read({"gpu": [L4, words], "gpu_status": ["0"]}).trouble == f"nvidia-smi says: {words}; {RESTART}"


def test_what_a_person_can_do_is_said_whole():
    assert NO_TOOL == "put the folder of nvidia-smi on PATH, or take an image that has it"
    assert RESTART == "restart the instance; if that does not help, tell the provider that its card is not well"
    assert TELL == "tell the provider"


def test_empty_lines_and_more_than_three_are_not_told():
    lines = ["", "  ", "one", " two ", "three", "four"]
    assert read({"gpu": lines, "gpu_status": ["9"]}).trouble == f"nvidia-smi ended with 9: one / two / three; {RESTART}"
    long = read({"gpu": ["x" * 400], "gpu_status": ["9"]}).trouble
    assert long == f"nvidia-smi ended with 9: {'x' * 300}; {RESTART}"


def test_of_rows_that_are_not_whole_the_driver_is_told_too():
    assert read({"gpu": ["550.54.14, ERR!, ERR!, ERR!"]}).driver == "550.54.14"
    assert read({"gpu": ["[Unknown Error], ERR!, ERR!, x"]}).driver is None
    assert read({}).driver is None


@pytest.mark.parametrize("line", ["4, 4, 16, 16, 9", "4, 4, 16, x, 16"])
def test_a_fifth_number_is_none_of_the_link(line):
    assert (one(gpu_link=line).pcie is None) is ("x" in line)


def test_a_link_at_less_than_a_gigabyte_counts_and_one_at_none_does_not():
    assert one(nvlink=[NVLINK_HEAD, "\t Link 0: 0.5 GB/s", "\t Link 1: 0.0 GB/s"]).nvlink_gb_s == (0.5,)


def test_a_card_without_a_name_is_none_and_its_line_is_told():
    cards = read({"gpu": ["550.54.14, 24564, 8.9,"], "gpu_status": ["0"]})
    assert cards.visible == ()
    assert cards.trouble is not None and "550.54.14, 24564, 8.9," in cards.trouble


def test_the_tools_of_other_makers_are_words_of_the_question():
    (line,) = [line for line in nvidia_smi.command().splitlines() if line.startswith("others=")]
    assert shlex.split(shlex.split(line)[0].removeprefix("others=")) == [one for one in OTHERS if "/" not in one]


@pytest.mark.parametrize(("lines", "words"), [([L4], L4), ([L4, "WARNING: x"], "WARNING: x"), ([], "")])
def test_what_printed_without_end_is_no_card_and_says_what_it_printed(lines, words):
    cards = read({"gpu": lines, "gpu_status": ["endless"]})
    said = f": {words}" if words else ""
    assert (cards.visible, cards.trouble) == ((), f"nvidia-smi prints without end{said}; {RESTART}")


def test_it_is_looked_for_where_a_host_lends_it():
    (line,) = [line for line in nvidia_smi.command().splitlines() if line.startswith("folders=")]
    assert shlex.split(shlex.split(line)[0].removeprefix("folders=")) == list(nvidia_smi.FOLDERS)
