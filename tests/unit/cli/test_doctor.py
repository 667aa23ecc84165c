from __future__ import annotations

import json

import pytest

from gpustrap.cli import doctor, exit
from gpustrap.cli.main import app
from gpustrap.errors import InstanceFailed
from gpustrap.resolve.net.judge import Verdict
from gpustrap.resolve.net.worth import Worth
from gpustrap.run.doctor import Diagnosis

WORKS = Verdict("npm", "npm's registry", "npm.lan", "works", "works", "works, 50 ms", "", 0.05)
HOLE = Verdict("hf", "Hugging Face", "hf.lan", "blocked", "black_hole", "packets vanish", "`mirrors: {hf: m}`", 5.0)
LFS = Verdict("lfs", "Git LFS", "lfs.lan", "blocked", "black_hole", "packets vanish", "`mirrors: {hf: m}`", 5.0)
DISK = Verdict("box", "the box", "/", "slow", "shm_small", "/dev/shm is small", "less")
TEXT = """\
demo  the box         low      /dev/shm is small
      npm's registry  works    npm.lan: works, 50 ms
      Hugging Face    blocked  hf.lan: packets vanish
      Git LFS         blocked  lfs.lan: packets vanish
demo: the box
  → less
demo: Hugging Face, Git LFS
  → `mirrors: {hf: m}`
"""


@pytest.fixture
def found(monkeypatch):
    seen = {}
    monkeypatch.setattr(doctor, "_found", lambda _names, _worth, _fix: seen)
    return seen


def test_each_service_is_a_line_with_its_cause_and_each_mend_stands_once_below(found, capsys):
    found["demo"] = Diagnosis([DISK, WORKS, HOLE, LFS])
    assert exit.run(app, ["doctor", "demo"]) == 1
    assert capsys.readouterr().out == TEXT


def test_what_is_slow_fails_nothing(found):
    found["demo"] = Diagnosis([DISK, WORKS])
    assert exit.run(app, ["doctor", "demo"]) == 0


def test_the_object_has_every_verdict(found, capsys):
    found["demo"] = Diagnosis([HOLE])
    found["far"] = Diagnosis(failed=InstanceFailed("no answer", operation="connect"))
    assert exit.run(app, ["doctor", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)["instances"]
    assert told["demo"] == {
        "ok": False,
        "verdicts": [
            {
                "subject": "hf",
                "title": "Hugging Face",
                "host": "hf.lan",
                "state": "blocked",
                "cause": "black_hole",
                "sentence": "packets vanish",
                "mend": "`mirrors: {hf: m}`",
                "seconds": 5.0,
            }
        ],
        "failed": None,
    }
    assert told["far"]["failed"] == {"role": None, "operation": "connect", "error": "no answer"}


def test_what_it_is_worth_is_a_line_a_part_and_fails_nothing(found, capsys):
    lane = Worth("card0.pcie", False, "x4", "x16", "nvidia-smi")
    found["demo"] = Diagnosis([WORKS], [Worth("disk", None, "not told", "≥ 1", "us"), lane])
    assert exit.run(app, ["doctor", "demo", "--worth"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "demo  disk, writing into the home  not told  not told; wanted: ≥ 1 (us)",
        "      card0: PCIe lanes            low       x4; wanted: x16 (nvidia-smi)",
    ]
    exit.run(app, ["doctor", "demo", "--worth", "--json"])
    told = json.loads(capsys.readouterr().out)["instances"]["demo"]["worth"]
    assert told[1] == {"part": "card0.pcie", "good": False, "found": "x4", "wanted": "x16", "source": "nvidia-smi"}


def test_an_instance_that_nobody_knows_is_bad_input(project, capsys):
    assert exit.run(app, ["doctor", "nosuch"]) == 2
