import json

import pytest
import typer
from typer.testing import CliRunner

from gpustrap.cli.gpus import gpus
from gpustrap.errors import BadInput

pytestmark = pytest.mark.usefixtures("small_catalog")
app = typer.Typer()
app.command()(gpus)


def run(*options):
    return CliRunner().invoke(app, options)


def test_one_card_is_a_row_with_its_note():
    assert run("4090").stdout == (
        "card      architecture  VRAM GiB  GB/s  link  CUDA          torch\n"
        "RTX 4090  Ada 8.9       24        1008  PCIe  11.8 to 13.2  2.7.1 to 2.15.0\n"
        "RTX 4090: VRAM 48 when modded\n"
    )


def test_whether_a_model_fits_is_said_with_the_formula_and_its_source():
    assert run("V100", "--fits", "13B fp16 inference").stdout == (
        "card       architecture  VRAM GiB  GB/s  link        CUDA          torch           fits\n"
        "V100 SXM2  Volta 7.0     16/32     900   NVLink 300  11.8 to 12.6  2.7.1 to 2.7.1  16: 2 cards, 32: yes\n"
        "needs about 29.1 GiB = 13e9 parameters × 2 bytes × 1.2; of each card 1 GiB goes to CUDA and PyTorch\n"
        "not in it: activations, and the cache of a long context\n"
        "formula: EleutherAI, Transformer Math 101 (blog.eleuther.ai/transformer-math)\n"
    )


def test_a_figure_without_a_source_is_not_made_up():
    assert run("A10G").stdout.splitlines()[1].split()[:6] == ["A10G", "Ampere", "8.6", "24", "600", "?"]


def test_json_is_one_object_with_every_card():
    told = json.loads(run("--json", "--fits", "7B").stdout)
    by_name = {card["name"]: card for card in told["gpus"]}
    assert len(by_name) == len(told["gpus"]) == 35
    assert by_name["RTX 5090"]["torch"] == ["2.7.1", "2.15.0"]
    assert by_name["RTX 5090"]["fits"] == [{"vram_gib": 32, "fits": True, "cards": 1}]
    assert told["need"]["gib"] == 15.65


def test_a_name_of_several_cards_is_bad_input_and_so_is_another_makers_card():
    for name in ("RTX 6000", "MI300X"):
        assert isinstance(run(name).exception, BadInput)


def test_an_unknown_card_is_bad_input():
    raised = run("RTX 4900").exception
    assert isinstance(raised, BadInput)
    assert raised.faults[0].nearest == "RTX 4090"
