import json

import pytest
import typer
from typer.testing import CliRunner

from gpustrap.cli.torch import app as torch_app
from gpustrap.errors import BadInput

app = typer.Typer()
app.add_typer(torch_app, name="torch")
WORKED = ["--gpu", "4090", "--torch", "2.9.1", "--cuda", "12.8.93"]


@pytest.fixture(autouse=True)
def frozen(frozen_catalog):
    """Rows that are added to the live catalog change nothing here."""


def explain(*options):
    return CliRunner().invoke(app, ["torch", "explain", *options])


def test_the_worked_case_reads_build_source_reasons_alternatives():
    result = explain(*WORKED, "--driver", "570.124.06", "--python", "3.12", "--glibc", "2.35", "--region", "global")
    assert result.exit_code == 0
    assert result.stdout == (
        "2.9.1+cu128: torch==2.9.1+cu128 torchvision==0.24.1+cu128 torchaudio==2.9.1+cu128\n"
        "  from wheel index https://download.pytorch.org/whl/cu128\n"
        "  from Python index (the one the client is set to)\n"
        "  about 4.07 GB to download\n"
        "why:\n"
        "  torch 2.9.1 is what was asked for\n"
        "  12.8.93 is nvcc's build number of CUDA toolkit 12.8.1: builds of PyTorch go by 12.8 (cu128)\n"
        "  the toolkit is user space and comes with the wheel; the driver is the provider's and stays as it is\n"
        "  the card is declared, not seen: check it on the first start with a card\n"
        "  RTX 4090 (8.9) runs the wheel's sm_86 code: same major number, minor not above the card's\n"
        "  driver 570.124.06 runs CUDA 12.8 natively, from 570.26 on\n"
        "  the wheel is built for Python 3.12, glibc 2.35, x86_64\n"
        "  +cu128 is pinned, else pip and uv would take the Python index's build; "
        "the Python index stays beside the wheel mirror, for the dependencies\n"
        "  any pip mirror carries the same build as torch==2.9.1, its default wheel\n"
        "  about 4.07 GB to download, measured on the Python index: torch and its dependencies\n"
        "what else runs here:\n"
        "  torch==2.14.1+cu126: newest that runs here, about 2.99 GB\n"
        "  torch==2.9.1+cu126: smallest download, about 2.99 GB\n"
    )


def test_a_refusal_exits_with_1_and_names_the_driver():
    result = explain(*WORKED, "--driver", "520.61.05")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[0] == (
        "refused, driver: 2.9.1+cu128 needs a driver ≥ 525.60.13, this is 520.61.05 (the driver is the provider's: "
        "take another host or image; cuda-compat is for data-centre cards only); nearest that works: torch==2.7.1+cu118"
    )


@pytest.mark.parametrize(("driver", "code"), [("570.124.06", 0), ("550", 0), ("470", 1)])
def test_json_is_one_object_of_the_promised_keys(driver, code):
    result = explain(*WORKED, "--driver", driver, "--json")
    assert result.exit_code == code
    told = json.loads(result.stdout)
    keys = {
        "ok",
        "torch",
        "cuda",
        "requirements",
        "sources",
        "download_bytes",
        "reasons",
        "refused",
        "alternatives",
        "notes",
    }
    assert set(told) == keys
    assert told["ok"] == (code == 0) == (told["refused"] is None)


@pytest.mark.parametrize(
    ("options", "first"),
    [
        (["--gpu", "H100", "--driver", "550", "--default-index-only"], "torch==2.10.0"),
        (["--gpu", "GH200", "--driver", "580"], "torch==2.15.0+cu132"),
        (["--gpu", "none"], "torch==2.15.0+cpu"),
        (["--gpu", "sm_61", "--driver", "580"], "torch==2.14.1+cu126"),
        (["--gpu", "4090", "--driver", "580", "--arch", "arm64", "--torch", "2.9.1"], "torch==2.9.1+cu128"),
    ],
)
def test_options_declare_the_machine(options, first):
    told = json.loads(explain(*options, "--json").stdout)
    assert told["requirements"][0] == first


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--driver", "abc"], "driver: 'abc' is no version of an NVIDIA driver, expected one such as 570.124.06; nearest: '595.71.05'"),
        (["--cuda", "99"], "cuda: no PyTorch build for CUDA '99'; nearest: '13.2'"),
        (["--gpu", "4900"], "gpu: no card '4900' in the catalog; nearest: 'RTX 4090'\nhint: `gpustrap gpus` lists the cards; a compute capability such as 8.9 is taken too"),
        (["--python", "2.7"], "python: no PyTorch build for Python '2.7'; nearest: '3.7'"),
        (["--region", "china"], "region: no region 'china', expected cn or global; nearest: 'cn'"),
    ],
)  # fmt: skip
def test_bad_input_is_raised_with_the_nearest_valid_value(options, error):
    raised = explain(*options).exception
    assert isinstance(raised, BadInput)
    assert str(raised) == error
