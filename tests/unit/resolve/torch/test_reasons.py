from __future__ import annotations

import pytest

from gpustrap.catalog.torch import load_catalog
from gpustrap.resolve.torch.machine import CudaDevice
from gpustrap.resolve.torch.reasons import gigabytes, reasons, torch_words
from gpustrap.resolve.torch.request import read_want

NOTHING = (None, None)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "driver 570.124.06 runs CUDA 12.8 natively, from 570.26 on"),
        ({"driver": (550, 54, 15)}, "driver 550.54.15 is older than CUDA 12.8's own 570.26 and runs it by minor-version compatibility, which holds from 525.60.13 on"),
        ({"driver": None}, "the driver is not known: builds for drivers before 580 go first, this one needs ≥ 525.60.13"),
        ({"python": None, "glibc": None}, "not checked, since unknown here: the wheel needs Python 3.10, 3.11, 3.12, 3.13, 3.13t, 3.14, 3.14t and glibc ≥ 2.28"),
        ({"declared": True}, "the card is declared, not seen: check it on the first start with a card"),
        ({"cpu_only": True}, "no card is to be used: this CUDA build runs without one too, on the CPU"),
        ({"cards": (CudaDevice("A100", (8, 0)),)}, "A100 (8.0) has its own machine code in the wheel, sm_80"),
    ],
)  # fmt: skip
def test_each_step_has_its_sentence(site, build, changes, sentence):
    assert sentence in reasons(build("2.9.1+cu128"), read_want(*NOTHING, load_catalog()), site(**changes))


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (None, "torch 2.9.1 is the newest that runs here"),
        ("2.9.1", "torch 2.9.1 is what was asked for"),
        (">=2.8,<2.10", "torch 2.9.1 is the newest that fits '>=2.8,<2.10' and runs here"),
    ],
)
def test_the_torch_is_said_after_the_wish(build, wish, words):
    catalog = load_catalog()
    assert torch_words(build("2.9.1+cu128"), read_want(wish, None, catalog), catalog) == [words]


def test_a_size_is_in_gigabytes():
    assert gigabytes(4068266676) == "4.07 GB"
