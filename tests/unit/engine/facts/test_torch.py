from __future__ import annotations

import subprocess
import sys
from importlib import metadata

import pytest

from gpustrap.engine.facts.torch import PythonPackages


def ask(python, *packages):
    command = PythonPackages().command(python, packages).get_raw_value()
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    return PythonPackages().process(done.stdout.splitlines())


def test_a_python_tells_its_own_version_and_those_of_its_packages():
    python = "{}.{}".format(*sys.version_info)
    assert ask(sys.executable, "jinja2", "no-such-package") == {
        "python": python,
        "jinja2": metadata.version("jinja2"),
    }


@pytest.mark.parametrize("python", ["/nowhere/python", "/bin/false"])
def test_what_is_no_python_tells_nothing(python):
    assert ask(python, "jinja2") == {}


def test_a_path_with_a_space_is_one_word(tmp_path):
    (tmp_path / "a b").mkdir()
    python = tmp_path / "a b" / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    assert "jinja2" in ask(str(python), "jinja2")


def test_noise_is_no_package():
    lines = ["welcome to box", "gpustrap", "gpustrap torch", "gpustrap torch 2.9.1", "gpustrap a b c"]
    assert PythonPackages().process(lines) == {"torch": "2.9.1"}
    assert PythonPackages.default() == {}
