"""A project around a lab box that gets every kind of file, or a service."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
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


class Terminal:
    """A gpustrap that believes to be at a terminal. What it prints is read as it comes."""

    def __init__(self, project, *words, columns=100):
        self._ours, theirs = pty.openpty()
        self._process = subprocess.Popen(
            project.command(*words),
            cwd=project.folder,
            env=project.environment(TERM="xterm", COLUMNS=str(columns)),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.shown = ""

    def wait_for(self, text):
        """Read until `text` has been printed, or the program has ended."""
        while text not in self.shown:
            assert select.select([self._ours], [], [], 60)[0], f"has not printed {text!r}:\n{self.shown}"
            try:
                data = os.read(self._ours, 4096)
            except OSError:  # the program has ended and its side is closed
                data = b""
            assert data, f"never printed {text!r}:\n{self.shown}"
            self.shown += data.decode(errors="replace")

    def type(self, text):
        os.write(self._ours, text.encode())

    def interrupt(self):
        self._process.send_signal(signal.SIGINT)

    def end(self):
        """The exit code; what was still to come is in `shown`."""
        while True:
            try:
                data = os.read(self._ours, 4096)
            except OSError:
                break
            if not data:
                break
            self.shown += data.decode(errors="replace")
        os.close(self._ours)
        return self._process.wait(timeout=60)


@pytest.fixture
def at_terminal() -> type[Terminal]:
    """Starts gpustrap in a project, at a terminal: `at_terminal(project, "up", "it")`."""
    return Terminal
