"""The script that installs torch, run against a uv that only writes down what it is asked."""

from __future__ import annotations

import os
import shlex
import subprocess
from dataclasses import dataclass

import pytest

from gpustrap import content
from gpustrap.resolve.torch_answer import Source

FIRST, SECOND = "http://first/whl/cu126", "http://second/cu126/"
INDEX = "http://pypi.internal/simple"
# Fails where one of the words of FAILS is in its command line; `uv venv` makes an environment.
UV = """#!/bin/sh
echo "$*" >>"$ASKED"
for word in $FAILS; do case "$*" in *"$word"*) exit 2 ;; esac; done
if [ "$1" = venv ]; then
  for last; do :; done
  mkdir -p "$last/bin" && : >"$last/pyvenv.cfg"
fi
"""


@dataclass
class Ran:
    code: int
    asked: list[str]
    log: str


@pytest.fixture
def run(tmp_path):
    """Renders the script for a plan, runs it, and answers what uv was asked, a line a call."""
    from roles.torch.resolve import Plan

    (tmp_path / "uv").write_text(UV)
    (tmp_path / "uv").chmod(0o755)
    venv = tmp_path / "the place" / "venvs" / "torch"

    def run(fails=(), **changes):
        usual = {
            "uv": str(tmp_path / "uv"), "python": f"{venv}/bin/python", "python_version": "3.11", "venv": str(venv),
            "base": "/usr/bin/python3", "managed": False, "also_on_pypi": False, "pypi": INDEX,
            "mirrors": (Source("index", FIRST), Source("find-links", SECOND)),
            "from_mirrors": ("torch==2.9.1+cu126",), "requirements": ("torch==2.9.1+cu126",),
        }  # fmt: skip
        text = content.template_environment(tmp_path)
        text.filters["quote"] = shlex.quote
        plan, place = Plan(**{**usual, **changes}), str(tmp_path / "the place")
        (tmp_path / "run").write_text(text.get_template("torch/install.sh.j2").render(plan=plan, place=place))
        told = {"ASKED": str(tmp_path / "asked"), "FAILS": " ".join(fails), "PATH": os.environ["PATH"]}
        (tmp_path / "asked").write_text("")
        with (tmp_path / "log").open("w") as log:
            code = subprocess.run(["sh", "run"], cwd=tmp_path, env=told, stdout=log, stderr=log).returncode
        asked = (tmp_path / "asked").read_text().replace(f"{tmp_path}/", "").splitlines()
        return Ran(code, asked, (tmp_path / "log").read_text())

    return run


VENV = "venv --no-python-downloads --python /usr/bin/python3 the place/venvs/torch"
INSTALL = "pip install --python the place/venvs/torch/bin/python"
FROM_FIRST = f"{INSTALL} --no-deps --default-index {FIRST} torch==2.9.1+cu126"
FROM_SECOND = f"{INSTALL} --no-deps --no-index --find-links {SECOND} torch==2.9.1+cu126"
FROM_INDEX = f"{INSTALL} --default-index {INDEX} torch==2.9.1+cu126"


def test_the_pin_comes_from_the_mirror_alone_and_its_dependencies_from_the_index(run):
    ran = run()
    assert (ran.code, ran.asked) == (0, [VENV, FROM_FIRST, FROM_INDEX])


def test_where_a_mirror_fails_the_next_is_asked(run):
    ran = run(fails=[FIRST])
    assert (ran.code, ran.asked) == (0, [VENV, FROM_FIRST, FROM_SECOND, FROM_INDEX])


def test_where_all_mirrors_fail_nothing_else_is_taken_for_it(run):
    ran = run(fails=[FIRST, SECOND])
    assert (ran.code, ran.asked) == (1, [VENV, FROM_FIRST, FROM_SECOND])


def test_where_all_mirrors_fail_the_index_is_asked_for_the_same_build(run):
    """A torch of another CUDA that stands there would satisfy the plain pin: it is installed anew."""
    ran = run(fails=[FIRST, SECOND], also_on_pypi=True, requirements=("torch==2.9.1",))
    assert ran.code == 0
    assert ran.asked[-1] == f"{INSTALL} --reinstall-package torch --default-index {INDEX} torch==2.9.1"
    assert "no wheel mirror gave it; the Python index has the same build" in ran.log


def test_without_an_index_the_clients_own_is_asked(run):
    assert run(pypi=None).asked[-1] == f"{INSTALL} torch==2.9.1+cu126"


def test_into_the_image_no_environment_is_made(run):
    ran = run(venv=None, python="/opt/conda/bin/python")
    assert ran.asked[-1] == (
        f"pip install --python /opt/conda/bin/python --break-system-packages --default-index {INDEX} torch==2.9.1+cu126"
    )
    assert not [line for line in ran.asked if line.startswith("venv")]


def test_a_python_that_uv_brings_is_asked_for_by_its_version(run):
    ran = run(base="3.12", managed=True, python_version="3.12")
    assert ran.asked[0] == "venv --managed-python --python 3.12 the place/venvs/torch"


def test_an_environment_of_another_python_is_made_anew(run):
    run()
    assert run().asked[0] == "venv --clear --no-python-downloads --python /usr/bin/python3 the place/venvs/torch"


def test_an_environment_of_the_same_python_is_kept(run, tmp_path):
    run()
    python = tmp_path / "the place/venvs/torch/bin/python"
    python.write_text("#!/bin/sh\necho 3.11\n")
    python.chmod(0o755)
    assert run().asked == [FROM_FIRST, FROM_INDEX]


def test_a_folder_that_is_no_environment_is_not_cleared(run, tmp_path):
    (tmp_path / "the place/venvs/torch").mkdir(parents=True)
    (tmp_path / "the place/venvs/torch/thesis.txt").touch()
    assert run().asked[0] == VENV


def test_where_no_environment_can_be_made_nothing_is_installed(run):
    ran = run(fails=["venv"])
    assert (ran.code, ran.asked) == (1, [VENV])
