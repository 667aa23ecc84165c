"""Accelerators that are no NVIDIA card, told by the names that people and drivers give them. Pure."""

from __future__ import annotations

import re

from gpustrap.language import tr

# Maker and what its products are called. Found in the whole name, so each is a word that no NVIDIA card has.
MAKERS = {
    "AMD": r"amd|radeon|instinct|mi\d{2,3}[apx]?|rx ?\d{3,4}(?: ?xtx?)?|gfx\d+",
    "Huawei": r"huawei|ascend|昇腾|华为|atlas|910[a-d]?\d?|310p?\d?",
    "Intel": r"intel|gaudi ?\d?|arc|gpu (?:max|flex) \d+|hl ?\d{3}|ponte vecchio|[ab](?:310|380|570|580|750|770)",
    "Apple": r"apple|m[1-9] (?:pro|max|ultra)|m[1235]",
    "Cambricon": r"cambricon|寒武纪|mlu ?\d+\w*",
    "Hygon": r"hygon|海光|dcu|k100(?: ai)?|z100l?|bw1000",
    "Moore Threads": r"moore ?threads|摩尔线程|mtt|s(?:80|3000|4000|5000)",
    "Iluvatar": r"iluvatar|天数智芯|天垓|智铠|bi ?v?1[05]0s?|mr ?v?\d+",
    "MetaX": r"metax|沐曦|mxc\d+|c5[05]\d",
    "Biren": r"biren|壁仞|br1\d\d\w?",
    "Enflame": r"enflame|燧原|s60",
    "Kunlunxin": r"kunlun(?:xin)?|昆仑芯?|p800",
    "Google": r"google|tpu(?: ?v\d\w*)?",
    "AWS": r"trainium\d?|inferentia\d?|trn\d|inf\d",
}
JETSON = r"jetson|tegra|orin|xavier|thor|nano|tx[12]|t[45]000"


def not_a_card(name: str) -> str | None:
    """A sentence for a name that means no NVIDIA card, or a Jetson; else None."""
    if jetson := of_a_jetson(name):
        return jetson
    text = _spaced(name)
    maker = next((maker for maker, words in MAKERS.items() if _says(words, text)), None)
    return (
        tr("'{name}' is not an NVIDIA card (maker: {maker}): gpustrap chooses CUDA builds only", name=name, maker=maker)
        if maker
        else None
    )


def of_a_jetson(name: str) -> str | None:
    """A sentence for a Jetson, which a driver calls `Orin (nvgpu)` or `NVIDIA Thor`; None for all else."""
    if not _says(JETSON, _spaced(name)):
        return None
    return tr(
        "'{name}' is a Jetson: its PyTorch is in the wheels of NVIDIA's JetPack, which gpustrap does not choose",
        name=name,
    )


def _spaced(name: str) -> str:
    return re.sub(r"[-_/()\s]+", " ", name.lower()).strip()


def _says(words: str, text: str) -> bool:
    # \b knows no words in Chinese: `昇腾910B` has none before the digit
    return re.search(rf"(?<![a-z0-9])(?:{words})(?![a-z0-9])", text) is not None
