"""One row more in a table is one row: the invariants hold, decisions know it, and no other file changes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gpustrap import content
from gpustrap.catalog import rows
from gpustrap.catalog.cards import load_cards
from gpustrap.catalog.mirrors import mirrors_of
from gpustrap.catalog.providers import load_providers, provider_of_host
from gpustrap.catalog.torch import load_catalog
from gpustrap.cli.main import app
from gpustrap.reference.catalog import catalog_page
from gpustrap.reference.readme import readme
from gpustrap.resolve.box.cards import find_card
from gpustrap.resolve.box.provider import Traces, recognise
from gpustrap.resolve.torch.answer import Choice
from gpustrap.resolve.torch.choose import choose_build
from gpustrap.resolve.torch.machine import CudaDevice, Machine, Supply
from gpustrap.resolve.torch.request import Want, read_want
from gpustrap.resolve.torch.site import Site

HERE = {"source": "invented", "read": "2026-11-25"}
BUILD: dict[str, Any] = {
    "torch": "99.0.0", "cuda": "98.1", "arch": "x86_64", "default": True, "published": "released",
    "sm": ["99.0"], "pythons": ["3.14"], "glibc": "2.28", "download_bytes": None,
    "measured": False, **HERE,
}  # fmt: skip
CPU = BUILD | {"cuda": None, "default": False, "sm": []}
ON_ARM = {"arch": "aarch64"}
ROWS: dict[str, list[dict[str, Any]]] = {
    "torch_builds": [BUILD, CPU, BUILD | ON_ARM, CPU | ON_ARM],
    "torch_pairs": [{
        "torch": "99.0.0", "torchvision": "98.0.0", "torchvision_requires": "==99.0.0", "torchvision_pure": False,
        "torchaudio": "99.0.0", "torchaudio_requires": "==99.0.0", **HERE,
    }],
    "cuda_toolkits": [{"toolkit": "98.1.0", "driver": "9900.10", "nvcc": None, **HERE}],
    "cuda_families": [{"major": 98, "driver": "9900", **HERE}],
    "card_drivers": [{"capability": "99.0", "driver": "9800", **HERE}],
    "cards": [{
        "name": "Z9000", "aliases": ["Zed"], "line": "datacenter", "architecture": "Zuse", "compute_capability": "99.0",
        "vram_gib": [200], "bandwidth_gb_s": 9000, "nvlink_gb_s": None, "nvlink_bridge": False, "host_arch": None,
        "note": None, **HERE,
    }],
    "mirrors": [{
        "kind": "pypi", "name": "Zmirror", "region": "cn", "url": "https://mirror.example/simple", "form": "pep503",
        "distro": None, "note": None, **HERE,
    }],
    "exposed": [{"name": "Zdesk", "programs": ["zdesk"], "gives": "a shell", "asks": False, "variable": None, "note": None, **HERE}],
    "listeners": [{"name": "Zagent", "provider": "zcloud", "program": "/opt/zagent", **HERE}],
    "presets": [{"name": "zserve", "command": "serve {port}", "port": 9000, **HERE}],
    "providers": [{
        "name": "zcloud", "title": "Zcloud", "kind": "vm", "ssh_example": "ssh root@box.zcloud.example",
        "ssh_hosts": ["*.zcloud.example"], "detect": {"env": ["ZCLOUD_ID"]}, "url": "any port", **HERE,
    }],
}  # fmt: skip
# Of the tests that each card runs, those of the new one and one more: tests/catalog itself runs them for all.
SOME_CARDS = "not test_each_card or Z9000 or B200"
DRIVER = (9900, 10)
Z9000 = CudaDevice("Z9000", (99, 0))


@pytest.fixture
def more(tables: Callable[[Path], None], tmp_path: Path) -> Path:
    """A copy of the catalog with one row more in each table, which is read from here on."""
    folder = tmp_path / "data"
    shutil.copytree(rows.DATA, folder)
    for table, added in ROWS.items():
        file = folder / f"{table}.jsonl"
        lines = file.read_text(encoding="utf-8").splitlines()
        at = len(lines) - 1 if table == "providers" else len(lines)  # "plain" stays the last provider
        lines[at:at] = [json.dumps(row) for row in added]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    tables(folder)
    return folder


def test_every_table_gets_a_row():
    one_version_only = {"uv"}
    assert {file.stem for file in rows.DATA.iterdir()} == {*ROWS, *one_version_only}


def test_the_invariants_hold_for_the_new_rows(more: Path):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/catalog", "-k", SOME_CARDS],
        cwd=content.builtin_root(),
        env=os.environ | {"GPUSTRAP_CATALOG": str(more)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert " passed" in done.stdout


def test_the_invariants_are_those_of_the_folder_that_is_named(more: Path):
    (more / "cards.jsonl").write_text(json.dumps(ROWS["cards"][0] | {"vram_gib": [1]}) + "\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/catalog/test_cards.py"],
        cwd=content.builtin_root(),
        env=os.environ | {"GPUSTRAP_CATALOG": str(more)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "test_a_cards_figures_are_of_a_cards_size[Z9000]" in done.stdout


def test_the_new_release_is_chosen_for_the_new_card_with_its_companions(more: Path):
    answer = choose_build(Want(), Site(Machine(driver=DRIVER, cards=(Z9000,)), Supply(), load_catalog()))
    assert isinstance(answer, Choice)
    assert answer.requirements == ("torch==99.0.0", "torchvision==98.0.0", "torchaudio==99.0.0")


def test_the_new_cards_driver_is_asked_for(more: Path):
    answer = choose_build(Want(), Site(Machine(driver=(600,), cards=(Z9000,)), Supply(), load_catalog()))
    assert not isinstance(answer, Choice) and answer.constraint == "driver"


def test_a_new_cuda_for_an_old_release_is_one_row_and_is_chosen_where_it_alone_runs(more: Path):
    old = ".".join(map(str, load_catalog().releases()[-2]))
    with (more / "torch_builds.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(BUILD | {"torch": old, "default": False}) + "\n")
    load_catalog.cache_clear()
    supply = Supply(mirrors_of("torch", "global"))
    wanted = read_want(old, None, load_catalog())
    answer = choose_build(wanted, Site(Machine(driver=DRIVER, cards=(Z9000,)), supply, load_catalog()))
    assert isinstance(answer, Choice) and answer.build.name == f"{old}+cu981"


def test_the_new_card_is_known_by_all_its_names(more: Path):
    assert {find_card(name, load_cards()).name for name in ("Z9000", "z9000", "NVIDIA Z9000", "zed")} == {"Z9000"}
    shown = CliRunner().invoke(app, ["gpus", "Z9000"]).stdout
    assert shown.splitlines()[1].split() == [
        "Z9000", "Zuse", "99.0", "200", "9000", "?", "98.1", "to", "98.1", "99.0.0", "to", "99.0.0",
    ]  # fmt: skip


def test_the_new_provider_is_told_and_shown(more: Path):
    traces = Traces(frozenset(), frozenset(), frozenset({"ZCLOUD_ID"}), "box")
    assert recognise(load_providers(), traces).name == "zcloud"
    assert provider_of_host("box.zcloud.example").name == "zcloud"
    assert "| Zcloud " in readme("| provider |\n")


def test_the_new_mirror_is_a_candidate_and_the_new_preset_can_be_chosen(more: Path, settings: Callable[..., Any]):
    assert mirrors_of("pypi", "cn")[-1].name == "Zmirror"
    assert settings("mirrors", pypi="Zmirror").pypi == "Zmirror"
    [(_, service)] = settings("services", {"web": {"preset": "zserve"}}).root.items()
    assert (service.base.command, service.listens_on) == ("serve {port}", 9000)
    assert "| `zserve` " in catalog_page() and "`https://mirror.example/simple`" in catalog_page()
