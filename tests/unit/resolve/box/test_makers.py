from __future__ import annotations

from dataclasses import replace

import pytest

from gpustrap.errors import BadInput
from gpustrap.resolve.box.makers import not_a_card
from gpustrap.resolve.box.survey import VisibleCard
from gpustrap.resolve.torch.machine import machine_of


@pytest.mark.parametrize(
    ("maker", "names"),
    [
        ("AMD", ["MI300X", "AMD Instinct MI250", "Radeon RX 7900 XTX", "rx7900xtx", "gfx942"]),
        ("Huawei", ["910B", "Ascend 910B", "昇腾910B3", "Ascend-310P3", "Atlas 300I"]),
        ("Intel", ["Gaudi2", "Gaudi 3", "Intel Arc A770", "B580", "HL-225", "Data Center GPU Max 1550"]),
        ("Apple", ["Apple M2 Ultra", "M3 Max", "Apple M4", "m1"]),
        ("Cambricon", ["MLU370-X8", "寒武纪 MLU590"]),
        ("Hygon", ["K100_AI", "海光DCU", "DCU Z100L"]),
        ("Moore Threads", ["MTT S4000", "摩尔线程 S80", "S5000"]),
        ("Iluvatar", ["BI-V100", "天数智芯 BI150", "Iluvatar MR-V100"]),
        ("MetaX", ["MetaX C500", "沐曦 C550"]),
    ],
)
def test_another_makers_card_is_named_with_its_maker(maker, names):
    expected = "'{}' is not an NVIDIA card (maker: {}): gpustrap chooses CUDA builds only"
    assert [not_a_card(name) for name in names] == [expected.format(name, maker) for name in names]


@pytest.mark.parametrize(
    "name",
    ["Jetson AGX Orin", "Orin NX", "NVIDIA Thor", "Orin (nvgpu)", "Jetson Nano", "Xavier NX", "nvidia-tegra", "TX2"],
)
def test_a_jetson_is_told_where_its_pytorch_is(name):
    expected = f"'{name}' is a Jetson: its PyTorch is in the wheels of NVIDIA's JetPack, which gpustrap does not choose"
    assert not_a_card(name) == expected


@pytest.mark.parametrize("name", ["RTX 9090", "A1", "Tesla M4", "H300", "", "marco", "T1000"])
def test_a_name_that_is_nobodys_or_nvidias_is_not_given_away(name):
    assert not_a_card(name) is None


def test_a_jetson_that_is_seen_is_no_card_for_which_a_build_is_chosen(survey):
    """Its driver tells a compute capability, and wheels for ARM servers have code that looks right."""
    seen = replace(survey, arch="aarch64", gpus=(VisibleCard("Orin (nvgpu)", (8, 7), 0),))
    with pytest.raises(BadInput) as raised:
        machine_of(seen, ())
    assert str(raised.value).startswith("gpu: 'Orin (nvgpu)' is a Jetson: ")
