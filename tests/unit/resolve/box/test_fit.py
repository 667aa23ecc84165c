import pytest

from gpustrap.catalog.cards import load_cards
from gpustrap.catalog.torch import load_catalog
from gpustrap.errors import BadInput
from gpustrap.resolve.box.cards import find_card
from gpustrap.resolve.box.fit import Fit, Need, Support, Workload, estimate, fit, read_workload, support

pytestmark = pytest.mark.usefixtures("small_catalog")


def card(name):
    return find_card(name, load_cards())


@pytest.mark.parametrize(
    ("text", "work"),
    [
        ("7B fp16 inference", Workload(7e9, "fp16", "inference")),
        ("7b", Workload(7e9, "fp16", "inference")),
        ("inference, bf16, 0.6B", Workload(6e8, "bf16", "inference")),
        ("560M fp32 training", Workload(5.6e8, "fp32", "training")),
        ("13B fine-tuning", Workload(1.3e10, "fp16", "training")),
        ("70B int4 qlora", Workload(7e10, "int4", "qlora")),
    ],
)
def test_a_workload_is_read_in_any_order(text, work):
    assert read_workload(text) == work


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("7B fp15 inference", "'fp15' is neither size, precision nor task, expected words such as '7B fp16 inference' or '13B int4 qlora'; nearest: 'fp16'"),
        ("7B infrence", "'infrence' is neither size, precision nor task, expected words such as '7B fp16 inference' or '13B int4 qlora'; nearest: 'inference'"),
        ("fp16 inference", "'fp16 inference' names no one model size, expected words such as '7B fp16 inference' or '13B int4 qlora'; nearest: '7B'"),
        ("7B 13B", "'7B 13B' names no one model size, expected words such as '7B fp16 inference' or '13B int4 qlora'; nearest: '7B'"),
        ("0B", "'0B' names no one model size, expected words such as '7B fp16 inference' or '13B int4 qlora'; nearest: '7B'"),
        ("", "'' names no one model size, expected words such as '7B fp16 inference' or '13B int4 qlora'; nearest: '7B'"),
    ],
)  # fmt: skip
def test_what_is_no_workload_is_bad_input(text, error):
    with pytest.raises(BadInput) as raised:
        read_workload(text)
    assert str(raised.value) == f"fits: {error}"


@pytest.mark.parametrize(
    ("text", "gib", "formula"),
    [
        ("7B fp16 inference", 15.65, "7e9 parameters × 2 bytes × 1.2"),
        ("4B training", 67.06, "4e9 parameters × 18 bytes"),
        ("1B fp32 training", 14.90, "1e9 parameters × 16 bytes"),
        ("7B lora", 16.82, "7e9 parameters × (2 bytes × 1.2 + 1% × 18 bytes)"),
        ("65B qlora", 47.22, "65e9 parameters × (0.5 bytes × 1.2 + 1% × 18 bytes)"),
    ],
)
def test_the_estimate_shows_its_formula_in_figures(text, gib, formula):
    need = estimate(read_workload(text))
    assert (round(need.gib, 2), need.formula) == (gib, formula)
    assert need.source


def test_lora_needs_more_than_inference_and_less_than_training():
    needs = [estimate(Workload(7e9, "bf16", task)).gib for task in ("qlora", "inference", "lora", "training")]
    assert needs == sorted(needs)


@pytest.mark.parametrize(
    ("gib", "name", "fits"),
    [
        (15.6, "RTX 4090", (Fit(24, True, 1),)),
        (23.0, "RTX 4090", (Fit(24, True, 1),)),
        (23.1, "RTX 4090", (Fit(24, False, 2),)),
        (30.0, "V100 SXM2", (Fit(16, False, 2), Fit(32, True, 1))),
        (0.1, "T4", (Fit(16, True, 1),)),
    ],
)
def test_a_need_fits_a_card_but_for_the_gibibyte_that_cuda_takes(gib, name, fits):
    assert fit(Need(gib, "", ""), card(name)) == fits


@pytest.mark.parametrize(
    ("name", "cudas", "torches"),
    [
        ("RTX 4090", ((11, 8), (13, 2)), ((2, 7, 1), (2, 15, 0))),
        ("RTX 5090", ((12, 8), (13, 2)), ((2, 7, 1), (2, 15, 0))),
        ("P40", ((11, 8), (12, 6)), ((2, 7, 1), (2, 7, 1))),
        ("GH200", ((12, 8), (13, 2)), ((2, 7, 1), (2, 15, 0))),
    ],
)
def test_a_cards_first_and_last_cuda_and_torch_follow_from_the_wheels(name, cudas, torches):
    assert support(card(name), load_catalog()) == Support(cudas, torches)
