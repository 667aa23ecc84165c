import pytest

from gpustrap.catalog.cards import load_cards
from gpustrap.catalog.mirrors import mirrors_of
from gpustrap.catalog.torch import load_catalog
from gpustrap.resolve.box.survey import Survey, VisibleCard
from gpustrap.resolve.torch.answer import Choice, Refusal, Source, as_json
from gpustrap.resolve.torch.choose import choose_build
from gpustrap.resolve.torch.machine import CudaDevice, Machine, Supply, declare, machine_of
from gpustrap.resolve.torch.request import read_want
from gpustrap.resolve.torch.site import Site
from gpustrap.resolve.versions import read_driver

PYPI = "https://pip.example/simple"
PLAIN = Supply()
DRIVER_HINT = "(the driver is the provider's: take another host or image; cuda-compat is for data-centre cards only)"


def cn():
    return Supply(mirrors_of("torch", "cn"), PYPI)


def choose(machine, torch=None, cuda=None, supply=None):
    catalog = load_catalog()
    return choose_build(read_want(torch, cuda, catalog), Site(machine, supply or cn(), catalog))


def ask(gpu, driver=None, torch=None, cuda=None, supply=None, **machine):
    version = read_driver(driver, load_catalog()) if driver else None
    return choose(declare(Machine(driver=version, **machine), gpu, load_cards()), torch, cuda, supply)


def pins(answer):
    assert isinstance(answer, Choice), answer
    return list(answer.requirements)


def refused(answer):
    assert isinstance(answer, Refusal), answer
    return answer.constraint, answer.message


WORKED = {"torch": "2.9.1", "cuda": "12.8.93", "python": (3, 12), "glibc": (2, 35)}


def test_the_worked_case_gives_the_build_where_from_its_size_and_why():
    assert as_json(ask("4090", "570.124.06", **WORKED)) == {
        "ok": True,
        "torch": "2.9.1",
        "cuda": "12.8",
        "requirements": ["torch==2.9.1+cu128", "torchvision==0.24.1+cu128", "torchaudio==2.9.1+cu128"],
        "sources": [
            {"kind": "index", "url": "https://mirror.sjtu.edu.cn/pytorch-wheels/cu128"},
            {"kind": "default", "url": "https://pip.example/simple"},
        ],
        "download_bytes": 4068266676,
        "reasons": [
            "torch 2.9.1 is what was asked for",
            "12.8.93 is nvcc's build number of CUDA toolkit 12.8.1: builds of PyTorch go by 12.8 (cu128)",
            "the toolkit is user space and comes with the wheel; the driver is the provider's and stays as it is",
            "the card is declared, not seen: check it on the first start with a card",
            "RTX 4090 (8.9) runs the wheel's sm_86 code: same major number, minor not above the card's",
            "driver 570.124.06 runs CUDA 12.8 natively, from 570.26 on",
            "the wheel is built for Python 3.12, glibc 2.35, x86_64",
            "+cu128 is pinned, else pip and uv would take the Python index's build; "
            "the Python index stays beside the wheel mirror, for the dependencies",
            "any pip mirror carries the same build as torch==2.9.1, its default wheel",
            "about 4.07 GB to download, measured on the Python index: torch and its dependencies",
        ],
        "refused": None,
        "alternatives": [
            {
                "why": "newest that runs here",
                "torch": "2.14.1",
                "cuda": "12.6",
                "download_bytes": 2990000000,
                "requirements": [
                    "torch==2.14.1+cu126",
                    "torchvision==0.29.1+cu126",
                    "torchaudio==2.11.0+cu126",
                ],
            },
            {
                "why": "smallest download",
                "torch": "2.9.1",
                "cuda": "12.6",
                "download_bytes": 2990000000,
                "requirements": [
                    "torch==2.9.1+cu126",
                    "torchvision==0.24.1+cu126",
                    "torchaudio==2.9.1+cu126",
                ],
            },
        ],
    }


def test_the_worked_case_runs_on_driver_550_by_minor_version_compatibility():
    answer = ask("4090", "550.54.15", **WORKED)
    assert pins(answer)[0] == "torch==2.9.1+cu128"
    assert (
        "driver 550.54.15 is older than CUDA 12.8's own 570.26 and runs it by minor-version compatibility, "
        "which holds from 525.60.13 on"
    ) in answer.reasons


def test_a_refusal_says_the_constraint_and_the_nearest_that_works():
    assert as_json(ask("4090", "520.61.05", **WORKED)) == {
        "ok": False,
        "torch": None,
        "cuda": None,
        "requirements": [],
        "sources": [],
        "download_bytes": None,
        "reasons": [
            "12.8.93 is nvcc's build number of CUDA toolkit 12.8.1: builds of PyTorch go by 12.8 (cu128)",
            "the toolkit is user space and comes with the wheel; the driver is the provider's and stays as it is",
        ],
        "refused": {
            "constraint": "driver",
            "message": f"2.9.1+cu128 needs a driver ≥ 525.60.13, this is 520.61.05 {DRIVER_HINT}; "
            "nearest that works: torch==2.7.1+cu118",
        },
        "alternatives": [
            {
                "why": "newest that runs here",
                "torch": "2.7.1",
                "cuda": "11.8",
                "download_bytes": None,
                "requirements": [
                    "torch==2.7.1+cu118",
                    "torchvision==0.22.1+cu118",
                    "torchaudio==2.7.1+cu118",
                ],
            }
        ],
    }


@pytest.mark.parametrize(
    ("gpu", "driver", "machine", "requirements"),
    [
        ("V100", "580.65.06", {}, ["torch==2.14.1+cu126", "torchvision==0.29.1+cu126", "torchaudio==2.11.0+cu126"]),
        ("V100", "580.65.06", {"supply": PLAIN}, ["torch==2.10.0", "torchvision==0.25.0", "torchaudio==2.10.0"]),
        ("P40", "580", {}, ["torch==2.14.1+cu126", "torchvision==0.29.1+cu126", "torchaudio==2.11.0+cu126"]),
        ("P100", "580", {"supply": PLAIN}, ["torch==2.7.1", "torchvision==0.22.1", "torchaudio==2.7.1"]),
        ("H100", "550.54.15", {"supply": PLAIN}, ["torch==2.10.0", "torchvision==0.25.0", "torchaudio==2.10.0"]),
        ("H100", "550.54.15", {}, ["torch==2.14.1+cu126", "torchvision==0.29.1+cu126", "torchaudio==2.11.0+cu126"]),
        ("4090", "580.65.06", {}, ["torch==2.15.0+cu132", "torchvision==0.29.2", "torchaudio==2.11.0"]),
        ("4090", "580.65.06", {"supply": PLAIN}, ["torch==2.15.0", "torchvision==0.29.2", "torchaudio==2.11.0"]),
        ("5090", "570.26", {}, ["torch==2.13.0+cu129", "torchvision==0.28.0+cu129"]),
        ("5090", "570.26", {"cuda": "12.8"}, ["torch==2.11.0+cu128", "torchvision==0.26.0+cu128", "torchaudio==2.11.0+cu128"]),
        ("5090", "575.57.08", {"supply": PLAIN}, ["torch==2.10.0", "torchvision==0.25.0", "torchaudio==2.10.0"]),
        ("4090", "580.65.06", {"python": (3, 9)}, ["torch==2.8.0+cu128", "torchvision==0.23.0+cu128", "torchaudio==2.8.0+cu128"]),
        ("4090", "580.65.06", {"python": (3, 10)}, ["torch==2.14.1+cu130", "torchvision==0.29.1+cu130", "torchaudio==2.11.0+cu130"]),
        ("4090", "580.65.06", {"python": (3, 15)}, ["torch==2.15.0+cu132", "torchvision==0.29.2"]),
        ("4090", "580.65.06", {"glibc": (2, 27)}, ["torch==2.6.0+cu124", "torchvision==0.21.0+cu124", "torchaudio==2.6.0+cu124"]),
        ("GH200", "580.65.06", {"arch": "aarch64"}, ["torch==2.15.0+cu132", "torchvision==0.29.2", "torchaudio==2.11.0"]),
        ("GH200", "550.54.15", {"arch": "aarch64"}, ["torch==2.14.1+cu126", "torchvision==0.29.1+cu126", "torchaudio==2.11.0+cu126"]),
        ("GB10", "580.95.05", {"arch": "aarch64", "supply": PLAIN}, ["torch==2.15.0", "torchvision==0.29.2", "torchaudio==2.11.0"]),
        ("none", None, {}, ["torch==2.15.0+cpu", "torchvision==0.29.2", "torchaudio==2.11.0+cpu"]),
        ("none", None, {"supply": PLAIN}, ["torch==2.15.0", "torchvision==0.29.2", "torchaudio==2.11.0"]),
        ("none", None, {"torch": "2.9.1", "arch": "aarch64", "supply": PLAIN}, ["torch==2.9.1", "torchvision==0.24.1", "torchaudio==2.9.1"]),
        ("4090", None, {"cuda": "cpu", "torch": "2.9.1"}, ["torch==2.9.1+cpu", "torchvision==0.24.1+cpu", "torchaudio==2.9.1+cpu"]),
        ("4090", None, {}, ["torch==2.14.1+cu126", "torchvision==0.29.1+cu126", "torchaudio==2.11.0+cu126"]),
        ("4090", None, {"cuda": "13.0"}, ["torch==2.14.1+cu130", "torchvision==0.29.1+cu130", "torchaudio==2.11.0+cu130"]),
    ],
)  # fmt: skip
def test_each_machine_gets_the_newest_torch_that_runs_there(gpu, driver, machine, requirements):
    assert pins(ask(gpu, driver, **machine)) == requirements


@pytest.mark.parametrize(
    ("gpu", "driver", "wish", "constraint", "message"),
    [
        ("5090", "565.57.01", {}, "driver", f"RTX 5090 (12.0) needs a driver ≥ 570, this is 565.57.01 {DRIVER_HINT}; nothing runs here"),
        ("5090", "575.57.08", {"torch": "2.15.0"}, "driver", f"2.15.0+cu132 needs a driver ≥ 580, this is 575.57.08 {DRIVER_HINT}; nearest that works: torch==2.13.0+cu129"),
        ("V100", "580", {"cuda": "13.0"}, "gpu", "2.14.1+cu130 has no code for V100 SXM2 (7.0), its code is sm_75 sm_80 sm_86 sm_90 sm_100 sm_120; nearest that works: torch==2.14.1+cu126"),
        ("4090", "580", {"torch": "2.9.1", "python": (3, 9)}, "python", "2.9.1+cu128 is built for Python 3.10, 3.11, 3.12, 3.13, 3.13t, 3.14, 3.14t, this is 3.9; nearest that works: torch==2.8.0+cu128"),
        ("4090", "580", {"torch": "2.9.1", "glibc": (2, 27)}, "glibc", "2.9.1+cu128 needs glibc ≥ 2.28, this is 2.27; nearest that works: torch==2.6.0+cu124"),
        ("4090", "580", {"torch": "2.9.1", "cuda": "12.5"}, "cuda", "no PyTorch build has CUDA '12.5', there are 11.6, 11.7, 11.8, 12.1, 12.4, 12.6, 12.8, 12.9, 13.0, 13.2; nearest that works: torch==2.9.1+cu128"),
        ("4090", "580", {"torch": "2.9.1", "cuda": "12.4"}, "cuda", "torch '2.9.1' is not built for CUDA '12.4', only for 12.6, 12.8, 13.0; nearest that works: torch==2.9.1+cu128"),
        ("4090", "580", {"torch": "3.0.0"}, "torch", "no torch '3.0.0' in the catalog (1.13.0 to 2.15.0); nearest that works: torch==2.15.0+cu132"),
        ("4090", "580", {"torch": "1.12"}, "torch", "no torch '1.12' in the catalog (1.13.0 to 2.15.0); nearest that works: torch==2.15.0+cu132"),
        ("4090", "580", {"torch": "2.15.0", "cuda": "12.6"}, "index", "2.15.0+cu126 is not known to be published (RFC pytorch#190385, dev-discuss notice; pyg-lib#725); nearest that works: torch==2.15.0+cu132"),
        ("4090", "550.54.15", {"torch": "2.14.1", "supply": PLAIN}, "index", "2.14.1+cu126 is on wheel indexes only, and none is to be used; nearest that works: torch==2.10.0"),
        ("4090", "580", {"arch": "riscv64"}, "arch", "there is no 2.15.0+cu132 for riscv64; nothing runs here"),
        (None, None, {}, "gpu", "no card is visible and none is declared: name the card of the coming start, such as 'RTX 4090', or ask for a CPU build with 'none'"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_constraint_that_binds(gpu, driver, wish, constraint, message):
    assert refused(ask(gpu, driver, **wish)) == (constraint, message)


def test_a_card_before_turing_is_told_why_the_drivers_ceiling_does_not_help():
    assert (
        "nvidia-smi shows CUDA 13.0 here: that is the driver's ceiling, but no CUDA 13 wheel has code below sm_75, "
        "so none for V100 SXM2 (7.0)"
    ) in ask("V100", "580.65.06").reasons


def test_with_only_the_python_index_the_pin_has_no_local_version_and_why_is_said():
    answer = ask("4090", "570.124.06", supply=PLAIN, **WORKED)
    assert pins(answer) == ["torch==2.9.1", "torchvision==0.24.1", "torchaudio==2.9.1"]
    assert answer.sources == (Source("default", None),)
    assert (
        "the default wheel of the Python index is cu128, so any pip mirror carries it; "
        "it has no local version there, so the pin is torch==2.9.1"
    ) in answer.reasons


def test_a_flat_mirror_is_given_as_find_links():
    flat = Supply(tuple(mirror for mirror in cn().wheels if mirror.form == "flat"))
    assert ask("4090", "570.124.06", supply=flat, **WORKED).sources[0] == Source(
        "find-links", "https://mirrors.aliyun.com/pytorch-wheels/cu128/"
    )


def test_a_torch_newer_than_the_catalog_is_a_guess_and_said_to_be_one():
    answer = ask("4090", "595.71.05", torch="2.16.0")
    assert pins(answer) == ["torch==2.16.0"]
    assert answer.sources == (Source("default", "https://pip.example/simple"),)
    assert answer.reasons[0] == (
        "torch 2.16.0 is newer than the catalog of 2026-11-23 (2.15.0); guess: it needs what the newest known "
        "default build needs, cu132"
    )
    assert refused(ask("4090", "575.57.08", torch="2.16.0"))[0] == "driver"


def test_a_driver_newer_than_the_catalog_is_a_guess_and_said_to_be_one():
    answer = ask("4090", "640.10")
    assert answer.build.name == "2.15.0+cu132"
    assert (
        "driver 640.10 is newer than the catalog of 2026-11-23 (615); guess: it runs all that older drivers run"
    ) in answer.reasons


@pytest.mark.parametrize(
    ("cuda", "sentence"),
    [
        ("12.8.93", "12.8.93 is nvcc's build number of CUDA toolkit 12.8.1: builds of PyTorch go by 12.8 (cu128)"),
        ("12.8.1", "12.8.1 is an update of CUDA toolkit 12.8: builds of PyTorch go by 12.8 (cu128)"),
        (
            "12.6.77",
            "12.6.77 is read as the build number of a part of CUDA toolkit 12.6: builds of PyTorch go by 12.6 (cu126)",
        ),
    ],
)
def test_a_third_number_of_cuda_is_explained(cuda, sentence):
    assert sentence in ask("4090", "580.65.06", cuda=cuda).reasons


def test_every_card_of_a_machine_must_be_able_to_run_the_build():
    cards = (CudaDevice("RTX 5090", (12, 0)), CudaDevice("V100", (7, 0)))
    answer = choose(Machine(driver=(580, 65, 6), cards=cards))
    assert answer.build.name == "2.10.0+cu128"


def surveyed(**facts):
    base = {
        "os_id": "ubuntu",
        "os_version": "22.04",
        "os_codename": "jammy",
        "arch": "x86_64",
        "hostname": "h",
    }
    base |= {"user": "root", "home": "/root", "shell": "/bin/bash", "glibc": (2, 35), "python": (3, 12, 3)}
    base |= {"conda": None, "kind": "container", "kind_reason": "", "systemd": False, "provider": "plain"}
    return Survey(**base | {"provider_reason": "", "cpus": 8.0, "memory_bytes": 1} | facts)


def test_a_surveyed_machine_is_its_visible_cards_whatever_was_declared():
    gpus = (VisibleCard("NVIDIA GeForce RTX 4090", (8, 9), 24564), VisibleCard("Tesla P40", None, 24576))
    machine = machine_of(surveyed(gpus=gpus, driver=(550, 54, 15)), load_cards())
    assert machine == Machine(
        "x86_64",
        (3, 12),
        (2, 35),
        (550, 54, 15),
        (CudaDevice("NVIDIA GeForce RTX 4090", (8, 9)), CudaDevice("P40", (6, 1))),
    )
    assert declare(machine, "H100", load_cards()) is machine


def test_without_a_visible_card_the_declared_one_counts_and_is_said_to_be_declared():
    machine = declare(machine_of(surveyed(driver=(570, 124, 6)), load_cards()), "4090", load_cards())
    assert (machine.cards, machine.declared) == ((CudaDevice("RTX 4090", (8, 9)),), True)
    answer = choose(machine, "2.9.1")
    assert "the card is declared, not seen: check it on the first start with a card" in answer.reasons
