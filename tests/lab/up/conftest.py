"""A project around a lab box, and gpustrap run in it as a person runs it: a process of its own."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

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


@dataclass(frozen=True)
class Ran:
    """What one run of gpustrap gave. A failed expectation shows all of it."""

    code: int
    stdout: str
    stderr: str

    def report(self, instance: str) -> dict[str, Any]:
        """The instance's part of the JSON report."""
        assert self.stdout, self.stderr
        return json.loads(self.stdout)["instances"][instance]

    def changed(self, instance: str) -> list[str]:
        """`role | operation` of each that changed."""
        return [f"{one['role']} | {one['operation']}" for one in self.report(instance)["changed"]]


class Project:
    """A project folder with its own gpustrap home; `run` is the command line in it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.home = folder / "home"
        (folder / "inventory").mkdir()

    def write(self, instances: dict[str, Any], **defaults: Any) -> None:
        """Write hosts.yml."""
        buffer = io.StringIO()
        YAML(typ="safe").dump(
            {"defaults": {"region": "global", "roles": [], **defaults}, "instances": instances}, buffer
        )
        (self.folder / "inventory" / "hosts.yml").write_text(buffer.getvalue(), encoding="utf-8")

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "gpustrap", *words]

    def environment(self, **more: str) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if key != "GPUSTRAP_PROJECT"}
        return {**kept, "GPUSTRAP_HOME": str(self.home), "NO_COLOR": "1", **more}

    def run(self, *words: str, env: dict[str, str] | None = None) -> Ran:
        done = subprocess.run(self.command(*words), cwd=self.folder, env=self.environment(**env or {}),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)  # fmt: skip
        return Ran(done.returncode, done.stdout, done.stderr)

    def up(self, *names: str) -> Ran:
        """`up -y --json`, which has to go well."""
        ran = self.run("up", *names, "-y", "--json")
        assert ran.code == 0, ran.stderr
        return ran

    def killed_after(self, changes: int, *words: str) -> int:
        """Run gpustrap, SIGKILL it once it has printed so many `changed` lines. How many were seen."""
        with subprocess.Popen(self.command(*words), cwd=self.folder, env=self.environment(),
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              text=True) as process:  # fmt: skip
            assert process.stderr is not None
            seen = 0
            for line in process.stderr:
                seen += line.startswith("changed")
                if seen >= changes:
                    process.send_signal(signal.SIGKILL)
                    break
            return seen


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def settings() -> dict[str, Any]:
    """Settings under which the built-in roles write every kind of file."""
    return dict(EVERYTHING)


@pytest.fixture
def everything(project: Project, box: LabTarget) -> Project:
    """A project whose one instance, the box, gets every kind of file."""
    project.write({box.name: {"lab": box.release, **EVERYTHING}})
    return project


@pytest.fixture
def hello(project: Project, box: LabTarget) -> Project:
    """A project whose one instance, the box, runs the preset `hello` and nothing else."""
    project.write({box.name: {"lab": box.release, "roles": ["services"], "services": {"web": {"preset": "hello"}}}})
    return project


Get = Callable[[str], str]


@pytest.fixture
def get() -> Get:
    """The body at a URL, asked from this machine without any proxy."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(url: str) -> str:
        with opener.open(url, timeout=10) as answer:
            return str(answer.read().decode())

    return ask
