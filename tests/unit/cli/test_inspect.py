from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gpustrap import language
from gpustrap.catalog.mirrors import mirrors_of
from gpustrap.catalog.torch import load_catalog
from gpustrap.cli import exit, inspect
from gpustrap.cli.main import app
from gpustrap.errors import InstanceFailed
from gpustrap.resolve.box.survey import Disk, PcieLink, VisibleCard
from gpustrap.resolve.torch.answer import Explained, Refusal
from gpustrap.resolve.torch.choose import choose_build
from gpustrap.resolve.torch.machine import CudaDevice, Machine, Supply
from gpustrap.resolve.torch.request import Want
from gpustrap.resolve.torch.site import Site
from gpustrap.run.look import InstanceLook
from gpustrap.ui.table import aligned
from surveyed import UBUNTU

GIB = 2**30
A100 = VisibleCard(
    "NVIDIA A100-SXM4-80GB", (8, 0), 81920, pcie=PcieLink(1, 4, 16, 16), mig=False, nvlink_gb_s=(25.0,) * 12
)
BOX = replace(
    UBUNTU,
    conda="/opt/conda",
    provider="gpushare",
    provider_reason="/hy-tmp exists",
    cpus=7.5,
    memory_bytes=32 * GIB,
    disks=(Disk("/", 100 * GIB, 20 * GIB), Disk("/hy-tmp", 50 * GIB, 50 * GIB, False), Disk("/hy-nas", GIB, GIB, True)),
    driver=(570, 124, 6),
    gpus=(A100,) * 2,
    listening=(22, 8888),
    tools={"tmux": "/usr/bin/tmux", "curl": "/usr/bin/curl"},
)
LINES = """\
box       container: /.dockerenv exists
provider  gpushare: /hy-tmp exists
system    ubuntu 22.04 (jammy), x86_64, glibc 2.35, Python 3.10.12, conda in /opt/conda, no systemd
card      2 × NVIDIA A100-SXM4-80GB (80 GiB)
MIG/vGPU  each card: the whole card, MIG is off
PCIe      each card: gen 1 x16 now, gen 4 x16 at most; under load it carries about 31.5 GB/s each way; an idle card \
lowers its generation to save power: look again under load
NVLink    each card: 12 links are active, 300 GB/s each way
driver    570.124.06, made for CUDA up to 12.8
torch     torch==2.14.1+cu126: chosen; from a wheel mirror
torch     torch==2.10.0: needs no wheel mirror
CPU       7.5 cores it may use
memory    32.0 GiB it may use
disk      /: 20.0 GiB free of 100.0 GiB
disk      /hy-tmp: 50.0 GiB free of 50.0 GiB, is wiped by a stop
disk      /hy-nas: 1.0 GiB free of 1.0 GiB, survives a stop
ports     22, 8888 listened on
ports     8888 gets out: http://i-1.gpushare.com:28080
tools     curl, tmux
"""
BARE = replace(
    BOX,
    provider="lab",
    glibc=None,
    python=None,
    conda=None,
    systemd=True,
    disks=(Disk("/data", GIB, GIB, True),),
    driver=None,
    gpus=(),
    listening=(),
    tools={},
)
BARE_LINES = """\
box       container: /.dockerenv exists
provider  lab: /hy-tmp exists
system    ubuntu 22.04 (jammy), x86_64, no glibc, no Python, systemd
card      no card
driver    none
torch     none: no card is visible and none is declared
CPU       7.5 cores it may use
memory    32.0 GiB it may use
disk      /data: 1.0 GiB free of 1.0 GiB, survives a reset
ports     none is listened on
ports     8080 gets out: http://127.0.0.1:MAPPED, the port that the lab published
tools     none of those that gpustrap asks about
"""


REFUSED = Explained(Refusal("gpu", "no card is visible and none is declared"))


@pytest.fixture
def chosen(frozen_catalog) -> Explained:
    """What the resolver answers for the box."""
    machine = Machine("x86_64", (3, 10), (2, 35), (570, 124, 6), (CudaDevice(A100.name, (8, 0)),))
    answer = choose_build(Want(), Site(machine, Supply(mirrors_of("torch", "cn")), load_catalog()))
    return Explained(answer)


def test_every_fact_is_a_line(chosen):
    assert aligned(inspect.rows(BOX, chosen, {8888: "http://i-1.gpushare.com:28080"})) + "\n" == LINES
    assert aligned(inspect.rows(BARE, REFUSED, {})) + "\n" == BARE_LINES


def test_a_card_that_cannot_be_read_is_said_in_nvidia_smis_words():
    told = inspect.rows(replace(BARE, card_trouble="nvidia-smi ended with 18: mismatch"), REFUSED, {})
    assert [text for head, text in told if head in ("card", "driver")] == [
        "no card that can be read",
        "nvidia-smi ended with 18: mismatch",
        "not told",
    ]


@pytest.mark.parametrize(
    ("driver", "gpus", "lines"),
    [
        ((580, 65, 6), (), ["card      no card, though there is a driver", "driver    580.65.06, made for CUDA up to 13.0"]),
        ((300, 1), (), ["card      no card, though there is a driver",
                        "driver    300.01, older than any CUDA in the catalog"]),
        ((570, 86, 10), (VisibleCard("A", None, 1024), VisibleCard("B", (7, 0), 16384)),
         ["card      A (1 GiB), B (16 GiB)", "driver    570.86.10, made for CUDA up to 12.8"]),
    ],
)  # fmt: skip
def test_card_and_driver_are_told_together(driver, gpus, lines):
    told = aligned(inspect.rows(replace(BOX, driver=driver, gpus=gpus), REFUSED, {})).splitlines()
    assert [line for line in told if line.startswith(("card", "driver"))] == lines


@pytest.fixture
def found(monkeypatch, chosen) -> dict[str, InstanceLook]:
    """What looking at the instance gives."""
    seen: dict[str, InstanceLook] = {}
    monkeypatch.setattr(inspect, "look_at", lambda _names, services: None if services else seen)
    monkeypatch.setattr(inspect, "_torch", lambda _name, _survey: chosen)
    return seen


def test_after_the_facts_it_says_where_torch_is_told(found, capsys):
    found.update(box=InstanceLook(BOX, public_urls={8888: "http://i-1.gpushare.com:28080"}))
    assert exit.run(app, ["inspect", "box"]) == 0
    assert capsys.readouterr() == (
        f"{LINES}`gpustrap torch explain box` says which PyTorch fits, and why\n",
        "",
    )


def test_json_holds_every_fact_with_versions_as_text(found, capsys):
    found.update(box=InstanceLook(BOX, public_urls={8888: "http://i-1.gpushare.com:28080"}))
    assert exit.run(app, ["inspect", "box", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)["instances"]["box"]
    facts = report.pop("survey")
    assert report == {"ok": True, "ports": {"8888": "http://i-1.gpushare.com:28080"}, "failed": None}
    assert set(vars(BOX)) | {"cuda_ceiling", "torch"} == set(facts)
    assert {key: facts[key] for key in ("glibc", "python", "driver", "cuda_ceiling", "listening")} == {
        "glibc": "2.35",
        "python": "3.10.12",
        "driver": "570.124.06",
        "cuda_ceiling": "12.8",
        "listening": [22, 8888],
    }
    assert (
        facts["gpus"]
        == [
            {
                "name": "NVIDIA A100-SXM4-80GB",
                "compute_capability": "8.0",
                "vram_mib": 81920,
                "pcie": {"generation": 1, "max_generation": 4, "width": 16, "max_width": 16},
                "mig": False,
                "mig_devices": [],
                "nvlink_gb_s": [25.0] * 12,
                "virtualization": None,
            }
        ]
        * 2
    )
    assert (facts["torch"]["ok"], facts["torch"]["torch"], facts["torch"]["notes"]) == (True, "2.14.1", [])


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        ([], ""),
        (
            ["--json"],
            '{"instances": {"box": {"ok": false, "survey": null, "ports": {},'
            ' "failed": {"role": null, "operation": "connect", "error": "no answer"}}}}\n',
        ),
    ],
)
def test_an_instance_that_cannot_be_reached_is_said(found, words, printed, capsys):
    found.update(box=InstanceLook(failed=InstanceFailed("no answer", operation="connect", hint="wait")))
    assert exit.run(app, ["inspect", "box", *words]) == 1
    assert capsys.readouterr() == (printed, "connect: no answer\nhint: wait\n")


def test_what_an_instance_says_of_itself_is_not_obeyed_by_the_terminal(found, capsys):
    hostile = "\x1b]0;owned\x07\x1b[2Jbox\u202e\nnext"
    found.update(box=InstanceLook(replace(BOX, os_id=hostile, kind_reason=hostile, tools={hostile: "/x"})))
    assert exit.run(app, ["inspect", "box"]) == 0
    out = capsys.readouterr().out
    assert not set(out) & set("\x1b\x07\u202e")
    assert "box       container: box next\n" in out


def test_a_pasted_command_is_named_as_it_has_to_be_typed(found, capsys):
    found.update({"h:9": InstanceLook(BOX)})
    assert exit.run(app, ["inspect", "ssh -p 9 root@h"]) == 0
    assert "`gpustrap torch explain 'ssh -p 9 root@h'` says" in capsys.readouterr().out


def test_how_a_container_is_known_is_said_in_the_persons_language():
    language.speak("zh_CN")
    try:
        signs = ("/.dockerenv exists", "/ is an overlay of image layers", "PID 1 was started with container=lxc")
        assert [inspect._known_by(sign) for sign in signs] == [
            "有 /.dockerenv",
            "/ 是镜像层叠成的 overlay",
            "PID 1 was started with container=lxc",
        ]
    finally:
        language.speak("en")
