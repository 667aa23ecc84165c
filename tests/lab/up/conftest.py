"""A project around a lab box that gets every kind of file, or a service."""

from __future__ import annotations

from typing import Any

import pytest

from gpustrap.lab.targets import LabTarget

# Every kind of file that the built-in roles write. Nothing of it is asked for: all packages are in the image.
EVERYTHING = {
    "roles": ["network", "mirrors", "base", "python", "services"],
    "network": {"proxy": "http://proxy.invalid:3128", "no_proxy": [".internal"]},
    "mirrors": {
        "apt": "http://mirror.invalid/debian",
        "pypi": "http://mirror.invalid/simple",
        "conda": "http://mirror.invalid/anaconda",
        "npm": "http://mirror.invalid/npm",
        "hf": "http://mirror.invalid/hf",
        "python_build": "http://mirror.invalid/python",
        "git": "http://mirror.invalid/https://github.com/",
    },
    "services": {"web": {"preset": "hello", "env": {"GREETING": 'it\'s "quoted" $HOME'}}},
}


@pytest.fixture
def settings() -> dict[str, Any]:
    """Settings under which the built-in roles write every kind of file."""
    return dict(EVERYTHING)


@pytest.fixture
def everything(project: Any, box: LabTarget) -> Any:
    """A project whose one instance, the box, gets every kind of file."""
    project.write({box.name: {"lab": box.release, **EVERYTHING}})
    return project


@pytest.fixture
def hello(project: Any, box: LabTarget) -> Any:
    """A project whose one instance, the box, runs the preset `hello` and nothing else."""
    project.write({box.name: {"lab": box.release, "roles": ["services"], "services": {"web": {"preset": "hello"}}}})
    return project
