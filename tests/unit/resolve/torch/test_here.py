from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gpustrap.catalog.cards import load_cards
from gpustrap.catalog.mirrors import mirrors_of
from gpustrap.catalog.torch import load_catalog
from gpustrap.resolve.box.survey import VisibleCard
from gpustrap.resolve.torch.here import json_of, lines_of, torch_here
from gpustrap.resolve.torch.machine import Supply

MIRRORS = Supply(mirrors_of("torch", "cn"))
RTX_4090 = VisibleCard("NVIDIA GeForce RTX 4090", (8, 9), 24564)
LAST_SEEN = json.dumps({"cards": [{"name": "Tesla V100-SXM2-32GB", "major": 7, "minor": 0}], "driver": "580.65.06"})


def here(survey, supply=MIRRORS, **facts):
    return torch_here(replace(survey, **facts), load_cards(), load_catalog(), supply)


PROVIDERS = "(the driver is the provider's: take another host or image; cuda-compat is for data-centre cards only)"


@pytest.mark.parametrize(
    ("facts", "lines"),
    [
        (
            {"driver": (580, 65, 6), "gpus": (RTX_4090,)},
            ["torch==2.15.0+cu132: newest that runs here; any pip mirror has it as torch==2.15.0"],
        ),
        (
            {"driver": (570, 124, 6), "gpus": (RTX_4090,)},
            [
                "torch==2.14.1+cu126: newest that runs here; from a wheel mirror",
                "torch==2.10.0: needs no wheel mirror",
            ],
        ),
        (
            {"driver": (565, 57, 1), "gpus": (VisibleCard("NVIDIA GeForce RTX 5090", (12, 0), 32607),)},
            [
                "none: NVIDIA GeForce RTX 5090 (12.0) needs a driver ≥ 570, this is 565.57.01 "
                f"{PROVIDERS}; nothing runs here"
            ],
        ),
        (
            {"driver": (580, 65, 6), "gpus": (RTX_4090,), "python": (3, 6, 9)},
            [
                "torch==2.15.0+cu132: newest that runs here, with a Python that uv brings, in place of 3.6; "
                "any pip mirror has it as torch==2.15.0"
            ],
        ),
        (
            {"driver": (580, 65, 6), "gpus": (VisibleCard("NVIDIA Mystery 1", None, 0),)},
            ["none: no card 'NVIDIA Mystery 1' in the catalog; `gpustrap gpus` lists the cards that are known"],
        ),
        (
            {"torch_memory": LAST_SEEN},
            [
                "torch==2.14.1+cu126: newest that runs here, on the card last seen, Tesla V100-SXM2-32GB (7.0); "
                "from a wheel mirror",
                "torch==2.10.0: needs no wheel mirror",
            ],
        ),
        (
            {},
            [
                "torch==2.15.0+cpu: newest that runs here, on the CPU, since no card is visible; from a wheel mirror",
                "torch==2.15.0: needs no wheel mirror",
            ],
        ),
    ],
    ids=["newest", "older driver", "too old a driver", "old Python", "unknown card", "card last seen", "no card"],
)
def test_what_runs_here_is_told_newest_first(survey, facts, lines):
    assert lines_of(here(survey, **facts)) == lines


def test_without_a_wheel_mirror_it_is_the_newest_of_the_plain_index(survey):
    assert lines_of(here(survey, Supply(), driver=(570, 124, 6), gpus=(RTX_4090,))) == [
        "torch==2.10.0: newest that runs here; any pip mirror has it as torch==2.10.0"
    ]


def test_json_is_that_of_torch_explain_and_what_was_assumed(survey):
    told = json_of(here(survey, torch_memory=LAST_SEEN))
    assert (told["ok"], told["torch"], told["cuda"]) == (True, "2.14.1", "12.6")
    assert told["assumed"] == ["on the card last seen, Tesla V100-SXM2-32GB (7.0)"]
