"""What a person lives through with torch: installed, left alone, guarded, replaced, cut off, refused."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
from tests.lab.torch.conftest import NETWORK, made_project

ROOT = "/data/gpustrap"
PYTHON = f"{ROOT}/venvs/torch/bin/python"
PRODUCT = f"""{PYTHON} -W ignore -c '
import torch
ones = torch.ones(3, 3)
print(torch.__version__, (ones @ ones).sum().item())'"""
ACTIVATE = f". {ROOT}/venvs/torch/bin/activate"
REPLACE = f"uv pip install -q --python {PYTHON} --no-deps --default-index"


def starts(ssh, box):
    """How often the installation was started, by its own log."""
    return int(ssh(box, f"grep -c started {ROOT}/jobs/torch/log"))


def test_torch_is_installed_from_a_pep503_mirror_that_cuts_the_connection_and_computes(installed, ssh):
    assert ssh(installed.box, PRODUCT) == "2.13.0+cpu 27.0"
    assert "/simple/torch/" in installed.site.asked
    installed.site.assert_gone_on_with()
    assert ssh(installed.box, f"ls {ROOT}") == "constraints.txt\njobs\nuv-cache\nvenvs"  # the wheel is gone


def test_second_up_leaves_torch_alone(installed):
    asked = len(installed.site.asked)

    report = installed.up().report(installed.box.name)

    assert report["changed"] == []
    assert report["execs"] <= 3
    assert len(installed.site.asked) == asked


def test_a_requirements_file_cannot_replace_torch_while_its_environment_is_active(installed, ssh):
    ssh(installed.box, "printf 'torch==2.12.0\\n' >/root/requirements.txt")

    said = ssh(
        installed.box,
        f"{ACTIVATE}; uv pip install --default-index {installed.site.url}/simple"
        " -r /root/requirements.txt 2>&1 || echo refused",
    )

    words = " ".join(said.split())
    assert "you require torch==2.12.0 and torch==2.13.0+cpu" in words and words.endswith("refused")
    assert ssh(installed.box, PRODUCT) == "2.13.0+cpu 27.0"


def test_another_environment_is_not_held_to_this_torch(installed, ssh):
    """Not while it is active alone, not after the other one was left, and not where it is activated on top of it."""
    get = (
        f"uv pip install --dry-run --no-deps --default-index {installed.site.url}/simple torch==2.12.0 2>&1 | tail -n 1"
    )
    ssh(installed.box, "uv venv -q /root/other")
    for first in ("true", f"{ACTIVATE}; deactivate", ACTIVATE):
        assert "torch==2.12.0" in ssh(installed.box, f"bash -c '{first}; . /root/other/bin/activate; {get}'"), first
    assert ssh(installed.box, "env | grep CONSTRAINT || echo none") == "none"
    assert ssh(installed.box, f"UV_CONSTRAINT=/x bash -c '{ACTIVATE}; deactivate; echo $UV_CONSTRAINT'") == "/x"


def test_verify_names_a_replaced_torch_and_up_puts_it_back(installed, ssh):
    ssh(installed.box, f"{REPLACE} {installed.site.url}/simple torch==2.12.0")

    verified = installed.run("verify", installed.box.name, "--json")

    assert verified.code == 1
    failed = verified.report(installed.box.name)["failed"]
    assert (failed["role"], failed["operation"]) == ("torch", "torch is the chosen one and was not replaced")
    assert failed["error"].startswith(
        "torch is 2.12.0, not 2.13.0+cpu: something replaced it; `gpustrap up` puts it back"
    )
    assert installed.up().changed(installed.box.name) == ["torch | torch"]
    assert ssh(installed.box, PRODUCT) == "2.13.0+cpu 27.0"


def test_after_a_reset_torch_is_still_there(installed, ssh):
    downloads = installed.site.downloads
    installed.reset()

    changed = installed.up().changed(installed.box.name)

    assert [one for one in changed if one.startswith("torch")] == []
    assert installed.site.downloads == downloads
    assert ssh(installed.box, PRODUCT) == "2.13.0+cpu 27.0"


def test_a_dropped_connection_does_not_stop_the_download(project, ssh):
    project.site.may_go_on.clear()
    with project.started_up():
        assert project.site.half_is_sent.wait(120)
    project.site.may_go_on.set()

    project.up()  # whether it waits for the installation, or that has ended by then, is the machine's affair

    assert starts(ssh, project.box) == 1
    assert project.site.ranges == [None] and project.site.sent == project.site.size
    assert ssh(project.box, PRODUCT) == "2.13.0+cpu 27.0"


def test_a_download_cut_by_a_reset_goes_on_where_it_was(project, ssh):
    project.site.may_go_on.clear()
    with project.started_up():
        assert project.site.half_is_sent.wait(120)
    project.reset()
    project.site.may_go_on.set()

    project.up()

    assert starts(ssh, project.box) == 2
    project.site.assert_gone_on_with()
    assert re.fullmatch(
        r"\[gpustrap\] torch goes on at \d+ MB", ssh(project.box, f"grep 'goes on' {ROOT}/jobs/torch/log")
    )
    assert ssh(project.box, PRODUCT) == "2.13.0+cpu 27.0"


def test_by_the_laptops_network_it_ends_when_that_goes_and_goes_on_where_it_was(lending, ssh):
    """Nothing reaches the box by another way, and nothing of what was lent is left there."""
    lending.site.may_go_on.clear()
    with lending.started_up():
        assert lending.site.half_is_sent.wait(120)
        had = "until [ $(cat wheels/* | wc -c) -gt 50000000 ]; do sleep 0.1; done"
        ssh(lending.box, f"cd {ROOT}; {had}; ! curl -s -m 2 --noproxy '*' {lending.site.url}/simple/")
    assert ssh(lending.box, f"cd {ROOT}/jobs/torch; until [ -e status ]; do sleep 0.1; done; cat status") == "75"
    lending.site.may_go_on.set()

    ran = lending.up()

    assert "the laptop's network, by which it was downloaded, went away" in ran.stderr
    assert starts(ssh, lending.box) == 2
    lending.site.assert_gone_on_with()
    assert ssh(lending.box, PRODUCT) == "2.13.0+cpu 27.0"
    assert ssh(lending.box, f"env | grep -i _proxy= || true; ls {ROOT}/jobs/torch/way* 2>/dev/null || true") == ""
    assert lending.up().changed(lending.box.name) == []


def test_a_wrong_hash_is_refused_and_the_file_is_removed_and_named(project, ssh):
    index = project.site.folder / "simple" / "torch" / "index.html"
    index.write_text(re.sub("sha256=[0-9a-f]{8}", "sha256=00000000", index.read_text()))

    ran = project.run("up", project.box.name, "-y", "--json")

    assert ran.code == 1
    failed = ran.report(project.box.name)["failed"]
    assert (failed["role"], failed["operation"]) == ("torch", "torch")
    wheel = "torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl"
    assert f"[gpustrap] {wheel} has SHA-256 " in failed["error"]
    assert "refused and removed" in failed["error"] and project.site.downloads == 1
    assert ssh(project.box, f"ls -A {ROOT}/wheels") == ""
    assert ssh(project.box, f"{PYTHON} -c 'import torch' 2>&1 | tail -n 1").startswith("ModuleNotFoundError")


DECLARED = {"gpu": "RTX 4090", "driver": "550.54.14", "version": "2.9.1", "cuda": None}
REMEMBERED = {"cards": [{"name": "Tesla V100-SXM2-32GB", "major": 7, "minor": 0}], "driver": "580.65.06"}


def test_no_card_mode_follows_the_declared_card(project):
    project.write(**DECLARED)

    planned = project.run("plan", project.box.name)

    assert planned.code == 3
    assert "torch: none → 2.9.1+cu128\n" in planned.stderr
    assert "the card is declared, not seen: check it on the first start with a card" in planned.stderr
    assert "driver 550.54.14 is older than CUDA 12.8's own 570.26 and runs it by minor-version" in planned.stderr


def test_no_card_mode_follows_the_card_that_was_last_seen(project, ssh):
    project.write(version=None, cuda=None)
    ssh(project.box, f"mkdir -p {ROOT} && printf '%s' '{json.dumps(REMEMBERED)}' >{ROOT}/gpustrap-torch.json")

    planned = project.run("plan", project.box.name)

    assert planned.code == 3
    assert "torch: none → 2.14.1+cu126" in planned.stderr  # no CUDA 13 wheel has code for a V100
    assert "Tesla V100-SXM2-32GB (7.0) has its own machine code in the wheel, sm_70" in planned.stderr


NVIDIA_SMI = """#!/bin/sh
case $1 in *compute_cap*) echo "570.124.06, 24564, 8.9, NVIDIA GeForce RTX 4090" ;; *) exit 1 ;; esac
"""


def test_the_first_start_with_a_card_says_what_is_otherwise(project, ssh):
    project.write(**DECLARED | {"gpu": "RTX 3090"})
    ssh(project.box, f"printf '%s' '{NVIDIA_SMI}' >/usr/local/bin/nvidia-smi; chmod 755 /usr/local/bin/nvidia-smi")

    planned = project.run("plan", project.box.name)

    assert planned.code == 3
    assert f"{ROOT}/gpustrap-torch.json: created\n" in planned.stderr
    assert (
        "hosts.yml declares RTX 3090 (8.6), here is NVIDIA GeForce RTX 4090 (8.9): what is seen counts"
        in planned.stderr
    )
    assert "hosts.yml declares driver 550.54.14, here is 570.124.06: what is seen counts" in planned.stderr
    assert "NVIDIA GeForce RTX 4090 (8.9) runs the wheel's sm_86 code" in planned.stderr


def test_explain_says_for_an_instance_what_up_would_choose(project):
    project.write(**DECLARED)

    explained = project.run("torch", "explain", project.box.name, "--json")

    assert explained.code == 0
    told = json.loads(explained.stdout)
    assert told["requirements"][0] == "torch==2.9.1+cu128"
    assert told["sources"] == [
        {"kind": "index", "url": f"{project.site.url}/simple"},
        {"kind": "default", "url": f"{project.site.url}/pypi"},
    ]


@pytest.mark.parametrize("release", ["debian-11"], indirect=True)
def test_a_python_that_no_wanted_build_has_is_refused_before_anything_is_touched(project):
    project.write(python="3.9")

    ran = project.run("up", project.box.name, "-y", "--json")

    assert ran.code == 1
    report = ran.report(project.box.name)
    assert report["changed"] == []
    assert (report["failed"]["role"], report["failed"]["operation"]) == ("torch", "python")
    assert report["failed"]["error"].startswith(
        "2.13.0+cpu is built for Python 3.10, 3.11, 3.12, 3.13, 3.14, 3.14t, this is 3.9"
    )


SICK = """#!/bin/sh
echo "Failed to initialize NVML: Driver/library version mismatch"; exit 18
"""


def put_nvidia_smi(ssh, box, text):
    """A card is a script here: no GPU machine was at hand."""
    ssh(box, f"printf '%s' '{text}' >/usr/local/bin/nvidia-smi; chmod 755 /usr/local/bin/nvidia-smi")


def test_a_card_that_cannot_be_read_is_refused_unless_none_is_wanted(project, ssh):
    project.write(version=None, cuda=None)
    put_nvidia_smi(ssh, project.box, SICK)

    refused = project.run("plan", project.box.name)
    project.write(version="2.13.0", cuda=None, gpu="none")
    planned = project.run("plan", project.box.name)

    assert refused.code == 1
    assert (
        "nvidia-smi ended with 18: Failed to initialize NVML: Driver/library version mismatch; restart the"
        in refused.stderr
    )
    assert planned.code == 3 and "torch: none → 2.13.0+cpu" in planned.stderr


@pytest.fixture(scope="module")
def set_up_otherwise(tmp_path_factory, make_shared_box, wheels):
    """A box whose image sets all that could mislead uv, pip and Python, and has constraints of its own: it got torch,
    from a flat mirror that cut the connection once. And what changed.
    """
    dead = "http://127.0.0.1:9/simple"
    box = make_shared_box(network=NETWORK)
    told = (
        f"printf 'UV_EXTRA_INDEX_URL={dead}\\nUV_EXCLUDE_NEWER=2001-01-01\\nPIP_REQUIRE_VIRTUALENV=1\\n' >>/etc/environment;"
        " mkdir -p .config/uv .config/pip; printf '[install]\\nno-index = true\\n' >.config/pip/pip.conf;"
        f" printf '[[index]]\\nurl = \"{dead}\"\\ndefault = true\\n' >.config/uv/uv.toml;"
        f" printf 'export UV_INDEX_URL={dead} UV_OFFLINE=1\\n' >>/etc/profile.d/zz-image.sh;"
        " for m in csv json re; do echo 'raise SystemExit(9)' >$m.py; done;"
        " mkdir -p /etc/pip && printf 'numpy==1.26.4\\n' >/etc/pip/constraint.txt;"
        " echo PIP_CONSTRAINT=/etc/pip/constraint.txt >>/etc/environment;"
        " sed -i '1i export PIP_CONSTRAINT=/etc/pip/constraint.txt' /root/.bashrc"
    )
    subprocess.run([*box.ssh_command, told], check=True)
    for made in made_project(tmp_path_factory.mktemp("otherwise"), box, wheels):
        made.write(wheel_mirrors=[made.site.mirror("find-links")])
        made.site.cuts = True
        yield made, made.up().changed(box.name)


def test_what_is_set_for_uv_pip_and_python_does_not_break_the_installation(set_up_otherwise, ssh):
    project, _ = set_up_otherwise
    assert ssh(project.box, f"cd /; {PRODUCT}") == "2.13.0+cpu 27.0"


def test_the_images_own_constraints_are_kept_beside_and_elsewhere_as_they_were(set_up_otherwise, ssh):
    project, _ = set_up_otherwise
    assert ssh(project.box, f"tail -n 1 {ROOT}/constraints.txt") == "-c /etc/pip/constraint.txt"
    assert ssh(project.box, "printenv PIP_CONSTRAINT") == "/etc/pip/constraint.txt"


def test_torch_is_installed_from_a_flat_mirror_that_cuts_the_connection_and_computes(set_up_otherwise, ssh):
    """The last one on this box: it takes all back."""
    project, changed = set_up_otherwise
    assert [one for one in changed if one.startswith("torch")] == ["torch | torch", "torch | guard"]
    assert ssh(project.box, f"cd /; {PRODUCT}") == "2.13.0+cpu 27.0"
    assert "/flat/" in project.site.asked
    project.site.assert_gone_on_with()

    notes = project.up("revert").report(project.box.name)["notes"]

    stay = [
        f"{ROOT}/uv-cache stays: the role torch has installed it",
        f"{ROOT}/venvs stays: the role torch has installed it",
    ]
    assert [note for note in notes if ROOT in note] == [f"torch stays in {PYTHON}", *stay]
    assert ssh(project.box, f"ls {ROOT}") == "uv-cache\nvenvs"
    assert ssh(project.box, f"cd /; {PRODUCT}") == "2.13.0+cpu 27.0"
    assert ssh(project.box, f"grep -c '^# gpustrap torch' {ROOT}/venvs/torch/bin/activate || true") == "0"
