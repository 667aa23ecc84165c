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
