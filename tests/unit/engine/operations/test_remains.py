"""own-look.sh and own-remove.sh over folders that stand for an instance's, and remains.sh without a tmux server."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from gpustrap.engine.facts import tmux, traces
from gpustrap.engine.facts.tmux import tmux_script
from gpustrap.engine.facts.traces import Left, OwnFolders, Remains


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "run").mkdir()
    monkeypatch.setattr(tmux, "RUNS", f"{tmp_path}/run/gpustrap")
    monkeypatch.setattr(tmux, "OLDER", {"services": "gpustrap-test-none", "jobs": "gpustrap-test-none"})
    monkeypatch.setattr(traces, "STATE_DIR", f"{tmp_path}/state")
    monkeypatch.setattr(traces, "LOGS", f"{tmp_path}/logs")
    return tmp_path


def run(text: str) -> list[str]:
    environment = {**os.environ, "HOME": "/nonexistent", "TMPDIR": "/nonexistent"}
    done = subprocess.run(["sh", "-c", text], text=True, capture_output=True, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def own(box: Path) -> list[str]:
    return [str(Path(path).relative_to(box)) for path in OwnFolders().process(run(OwnFolders().command()))]


def remove(box: Path) -> None:
    run(
        tmux_script("own-remove", "services", state=f"{box}/state", logs=f"{box}/logs", rooms=f"{box}/tmp /nonexistent")
    )


def test_on_a_box_that_gpustrap_has_not_seen_there_is_none(box: Path) -> None:
    assert own(box) == []
    remove(box)
    assert [path.name for path in box.iterdir()] == ["run"]


def test_all_go_and_are_no_more(box: Path) -> None:
    for path in ("state/kept/absent/f", "state/blocks/rc.x", "logs/web.log", "run/gpustrap/services.sock"):
        (box / path).parent.mkdir(parents=True, exist_ok=True)
        (box / path).touch()
    (box / "state" / ".hidden").touch()
    assert own(box) == ["state", "logs", "run/gpustrap"]
    remove(box)
    assert own(box) == [] and [path.name for path in box.iterdir()] == ["run"]


def test_answers_that_nobody_fetched_go_and_those_of_a_run_at_work_stay(box: Path) -> None:
    for name, minutes in (("gpustrap.aB3xYz", 3), ("gpustrap.working", 3), ("gpustrap.atwork", 0), ("other.aB3xYz", 3)):
        folder = box / "tmp" / name
        folder.mkdir(parents=True)
        (folder / "5.out").write_text("canary\n")
        os.utime(folder, (time.time() - 60 * minutes,) * 2)
    remove(box)
    assert {path.name for path in (box / "tmp").iterdir()} == {"gpustrap.working", "gpustrap.atwork", "other.aB3xYz"}


def test_an_original_that_was_not_put_back_is_set_aside_for_good(box: Path) -> None:
    original = box / "state" / "kept" / "original" / "etc" / "f"
    original.parent.mkdir(parents=True)
    original.write_text("before\n")
    original.chmod(0o640)
    for _ in range(2):
        remove(box)
    left = box / "state" / "left" / "etc" / "f"
    assert (left.read_text(), left.stat().st_mode & 0o777, own(box)) == ("before\n", 0o640, [])
    assert [path.name for path in (box / "state").iterdir()] == ["left"]


def test_what_was_written_beside_a_script_is_told_and_nothing_else(box: Path) -> None:
    folder = box / "it's $(id)"
    folder.mkdir()
    for name in ("state", "mine"):
        (folder / name).touch()
    command = Remains().command("jobs", [str(folder), str(box / "none")], ["state", "log"])
    assert Remains().process(run(command)) == Left((), (f"{folder}/state",))
