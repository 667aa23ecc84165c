"""What one instance gets: a torch that is there, a build for its Python, or a refusal that says why."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gpustrap.catalog.torch import load_catalog
from gpustrap.resolve.box.survey import ImagePython, VisibleCard
from gpustrap.resolve.torch.answer import Choice, Refusal
from gpustrap.resolve.torch.instance import Request, decide
from gpustrap.resolve.torch.machine import Supply
from gpustrap.resolve.torch.request import read_want

SYSTEM = ImagePython("/usr/bin/python3", (3, 11, 2), prefix="/usr")
VENV = ImagePython("/venv/main/bin/python", (3, 12, 4), "2.9.1+cu128", (12, 8), "/venv/main", kind="venv")
TROUBLE = "nvidia-smi ended with 18: Failed to initialize NVML: Driver/library version mismatch; restart the instance"
MEMORY = json.dumps({"cards": [{"name": "V100", "major": 7, "minor": 0}], "driver": "580.65.06"})


def ask(survey, torch=None, cuda=None, **wishes):
    want = read_want(torch, cuda, load_catalog())
    return decide(Request(want, **wishes), survey, Supply(), load_catalog())


@pytest.fixture
def box(survey):
    """A box with a card and the system's Python."""
    card = VisibleCard("NVIDIA GeForce RTX 4090", (8, 9), 24564)
    return replace(survey, gpus=(card,), driver=(570, 124, 6), pythons=(SYSTEM,))


def test_a_torch_that_is_there_goes_before_a_newer_one(box):
    decided = ask(replace(box, pythons=(SYSTEM, VENV)))
    assert (decided.python, decided.reused) == (VENV, True)
    assert isinstance(decided.answer, Choice) and decided.answer.sources == ()


@pytest.mark.parametrize("wishes", [{"reuse": False}, {"torch": "2.8.0"}, {"python": "3.11"}])
def test_one_that_is_not_wanted_stays_out_of_it(box, wishes):
    assert not ask(replace(box, pythons=(SYSTEM, VENV)), **wishes).reused


def test_uv_brings_a_python_where_the_images_has_no_build_and_it_is_said(box):
    old = replace(box, pythons=(ImagePython("/usr/bin/python3", (3, 8, 10)),))
    decided = ask(old, torch="2.9.1")
    assert (decided.python, decided.site.machine.python) == (None, (3, 12))
    assert "uv brings Python 3.12, since no Python of the image is used" in decided.answer.reasons


def test_a_python_that_is_asked_for_is_the_only_one_tried(box):
    decided = ask(box, torch="2.9.1", python="3.9")
    assert isinstance(decided.answer, Refusal) and decided.answer.constraint == "python"


@pytest.mark.parametrize(
    ("wishes", "memory"),
    [({}, None), ({"gpu": "RTX 4090"}, None), ({}, MEMORY), ({"torch": "2.9.1"}, None)],
    ids=["nothing written", "declared", "last seen", "torch"],
)
def test_a_card_that_cannot_be_read_is_refused_in_nvidia_smis_words(box, wishes, memory):
    sick = replace(box, gpus=(), card_trouble=TROUBLE, torch_memory=memory, tools={"nvidia-smi": "/usr/bin/nvidia-smi"})
    answer = ask(sick, **wishes).answer
    assert answer == Refusal(
        "gpu",
        f"the card could not be read: {TROUBLE}; `gpu: none` in hosts.yml asks for a build without a card all the same",
    )


@pytest.mark.parametrize("wishes", [{"gpu": "none"}, {"gpu": " None "}, {"cuda": "cpu"}])
def test_a_build_without_a_card_is_given_where_it_is_written(box, wishes):
    assert isinstance(ask(replace(box, gpus=(), card_trouble=TROUBLE), **wishes).answer, Choice)


@pytest.mark.parametrize(("wishes", "memory"), [({"gpu": "RTX 4090"}, None), ({}, MEMORY)])
def test_without_nvidia_smi_a_card_that_is_named_counts_as_in_no_card_mode(box, wishes, memory):
    bare = replace(box, gpus=(), card_trouble="/dev/nvidia0 is there", torch_memory=memory, tools={})
    assert isinstance(ask(bare, **wishes).answer, Choice)


def test_without_nvidia_smi_and_without_a_name_it_is_refused(box):
    bare = replace(box, gpus=(), card_trouble="/dev/nvidia0 is there", tools={})
    assert "/dev/nvidia0 is there" in ask(bare).answer.message


def test_trouble_with_one_card_leaves_the_others(box):
    assert isinstance(ask(replace(box, card_trouble=TROUBLE)).answer, Choice)
