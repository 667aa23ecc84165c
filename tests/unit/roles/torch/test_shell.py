"""The shell that the templates of torch give passes shellcheck."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gpustrap.engine.templates import render, use_project
from gpustrap.resolve.torch.answer import Source
from gpustrap.resolve.torch.guard import Environment, guard_of

SHELLCHECK = Path(sys.executable).with_name("shellcheck")
MIRRORS = (Source("index", "http://first/whl"), Source("find-links", "http://second/"))


def check(text: str, *options: str) -> str:
    # SC1090, SC1091: files of the instance. SC2016: a backquote is one. SC2086: lists of words, of which none has a space.
    words = [SHELLCHECK, "--severity=info", "--exclude=SC1090,SC1091,SC2016,SC2086", *options, "-"]
    return subprocess.run(words, input=text, capture_output=True, text=True).stdout


@pytest.mark.parametrize("name", ["activate.sh", "conda-activate.sh", "conda-deactivate.sh"])
def test_what_shells_read_is_clean(tmp_path, name):
    use_project(tmp_path)
    guard = guard_of(Environment("/it's/v", "venv", "/p"), "/it's/c.txt", ["torch==2.9.1"], [], [])
    assert check(render(f"torch/{name}.j2", {"guard": guard}), "--shell=bash") == ""


@pytest.mark.parametrize("also_on_pypi", [True, False])
@pytest.mark.parametrize("mirrors", [MIRRORS, ()])
@pytest.mark.parametrize("venv", ["/data/it's/v", None])
def test_the_installation_is_clean(tmp_path, also_on_pypi, mirrors, venv):
    from roles.torch.resolve import Installation

    use_project(tmp_path)
    pins = ("torch==2.9.1+cu126",)
    installation = Installation(
        "/usr/bin/uv",
        "/p/bin/python",
        "3.11",
        venv,
        "3.11",
        True,
        mirrors,
        pins if mirrors else (),
        pins,
        also_on_pypi,
        None,
        "http://pythons",
    )
    text = render("torch/install.sh.j2", {"installation": installation, "place": "/data/it's"})
    assert check(text, "--shell=sh") == ""
