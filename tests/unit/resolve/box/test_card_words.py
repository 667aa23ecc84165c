from __future__ import annotations

import pytest

from gpustrap.resolve.box.card_words import CardWords, words_of


@pytest.mark.parametrize(
    ("name", "words", "memory_gib", "form"),
    [
        ("NVIDIA A100-SXM4-80GB", "a100", 80, "sxm"),
        ("NVIDIA A100 80GB PCIe", "a100", 80, "pcie"),
        ("Tesla V100S-PCIE-32GB", "tesla v100s", 32, "pcie"),
        ("NVIDIA H100 80GB HBM3", "h100", 80, None),
        ("NVIDIA H100 NVL", "h100", None, "nvl"),
        ("NVIDIA GeForce RTX 4090 D", "geforce rtx 4090 d", None, None),
        ("4090D", "4090 d", None, None),
        ("NVIDIA GeForce RTX 4090 Laptop GPU", "geforce rtx 4090 laptop", None, None),
        ("RTX 4090 Mobile", "rtx 4090 laptop", None, None),
        ("4090m", "4090 laptop", None, None),
        ("GeForce RTX 2080 with Max-Q Design", "geforce rtx 2080 laptop", None, None),
        ("NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition", "rtx pro 6000 blackwell", None, None),
        ("4070TiS", "4070 ti super", None, None),
        ("RTX 4070 Ti S", "rtx 4070 ti super", None, None),
        ("RTX2080Ti-22G", "rtx 2080 ti", 22, None),
        ("rtx6000ada", "rtx 6000 ada", None, None),
        ("RTXPRO6000", "rtx pro 6000", None, None),
        ("NVIDIA RTX 6000 Ada Generation", "rtx 6000 ada", None, None),
        ("Quadro RTX 6000", "quadrortx 6000", None, None),
        ("Quadro RTX A6000", "quadro rtx a6000", None, None),
        ("NVIDIA TITAN X (Pascal)", "titan x pascal", None, None),
        ("GeForce GTX TITAN X", "geforce gtxtitan x", None, None),
        ("titanxp", "titan xp", None, None),
        # a share's size is not the card's
        ("GRID A100D-40C", "a100d", None, None),
        ("GRID A100-1-5CME", "a100", None, None),
        ("GRID RTX6000-24Q", "quadrortx 6000", None, None),
        ("NVIDIA RTX6000-Ada-48Q", "rtx 6000 ada", None, None),
        ("NVIDIA A100-SXM4-40GB MIG 1g.5gb", "a100", 40, "sxm"),
        ("8x RTX 4090", "rtx 4090", None, None),
        ("4090*8", "4090", None, None),
        ("NVIDIA® GeForce RTX™ 4090", "geforce rtx 4090", None, None),
        ("", "", None, None),
    ],
)
def test_a_name_is_taken_apart(name, words, memory_gib, form):
    assert words_of(name) == CardWords(frozenset(words.split()), memory_gib, form)
