from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from gpustrap.engine.facts.uv import UvState, UvVersion


@pytest.mark.parametrize(
    ("output", "state"),
    [
        (["uv-version uv 0.9.11 (8d8aabb88 2025-11-20)"], UvState("0.9.11")),
        (["noise of a shell", "uv-version uv 0.9.11"], UvState("0.9.11")),
        ([], UvState()),
        (["uv-version bash: uv: cannot execute binary file"], UvState()),
        (["uv-version uv"], UvState()),
        (["uv-version uv \x1b]0;title\x07 0.9.11"], UvState()),
        (["uv-obstacle a directory", "uv-pip it said so"], UvState(obstacle="a directory", pip_said="it said so")),
    ],
)
def test_the_version_is_the_one_that_the_binary_says(output: list[str], state: UvState) -> None:
    assert UvVersion().process(output) == state


def look(path: Path) -> UvState:
    done = subprocess.run(["/bin/sh", "-c", UvVersion().command(str(path))], text=True, capture_output=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")
    return UvVersion().process(done.stdout.splitlines())


def test_what_stands_in_its_place_is_told(tmp_path: Path) -> None:
    assert look(tmp_path / "none") == UvState()
    (tmp_path / "folder").mkdir()
    assert look(tmp_path / "folder").obstacle == "a directory"
    os.mkfifo(tmp_path / "fifo")
    assert look(tmp_path / "fifo").obstacle == "no file"
    (tmp_path / "file").touch()
    assert look(tmp_path / "file" / "uv").obstacle == f"below {tmp_path / 'file'}, which is no directory"


@pytest.mark.parametrize(
    ("script", "version"), [("echo uv 1.2.3", "1.2.3"), ("sleep 60", None), ("exit 3", None), ("yes uv 1.2.3", "1.2.3")]
)
def test_a_binary_is_asked_for_a_bounded_time(tmp_path: Path, script: str, version: str | None) -> None:
    (tmp_path / "uv").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "uv").chmod(0o755)
    assert look(tmp_path / "uv") == UvState(version)


def test_a_box_that_does_not_answer_has_none() -> None:
    assert UvVersion.default() == UvState()


def test_what_pip_said_is_looked_for_where_it_is_kept() -> None:
    assert "state=/var/lib/gpustrap\n" in UvVersion().command("/usr/local/bin/uv")
