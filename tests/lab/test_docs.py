"""README's demo as it is shown: the same commands, in a project of its own, print the same lines."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gpustrap.lab import targets

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.one_release


@pytest.fixture
def demo(project, release, removed_with):
    """The checkout's own hosts.yml, in a project of its own."""
    shutil.copy(ROOT / "inventory" / "hosts.yml", project.folder / "inventory")
    removed_with(project.folder)
    return project


def plain(text: str) -> list[str]:
    """Its lines, with one word for each port and for each time."""
    return re.sub(r"\d+\.\d s\b", "N s", re.sub(r"127\.0\.0\.1:\d+", "HERE", text)).strip().splitlines()


def answers(project, command: str) -> str:
    if command.startswith("./gpustrap "):
        done = project.run(*command.split()[1:])
        return done.stderr + done.stdout
    here = targets.target("demo", project.folder).http_port
    command = re.sub(r"127\.0\.0\.1:\d+", f"127.0.0.1:{here}", command)
    return subprocess.run(command.split(), capture_output=True, text=True, timeout=60).stdout


@pytest.mark.parametrize("page", ["README.md"])
def test_the_demo_goes_as_it_is_shown(demo, page):
    block = re.search(r"```console\n(\$ git clone.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.S)
    assert block is not None
    shown = [part.partition("\n") for part in re.split(r"^\$ ", block[1], flags=re.M) if part.strip()]
    ran = [(command, plain(answers(demo, command))) for command, _, _ in shown if not command.startswith("git ")]
    assert ran == [(command, plain(lines)) for command, _, lines in shown if not command.startswith("git ")]
