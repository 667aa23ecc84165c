"""A long step under a real tmux, in a folder that stands for an instance."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gpustrap.engine.facts import tmux as fact
from gpustrap.engine.facts.detached import DetachedJob, Job, JobState
from gpustrap.engine.operations.detached import awaited, was_cut_off

pytestmark = pytest.mark.skipif(not shutil.which("tmux"), reason="no tmux here")


class Box:
    def __init__(self, folder: Path):
        self.job = Job(f"job-{os.getpid()}-{folder.name}", str(folder / "jobs"))
        self.folder = folder
        (folder / "jobs").mkdir()
        (folder / "home").mkdir()

    def run(self, command: str, **lent: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **lent,
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder / "home"),
            "UV_EXTRA_INDEX_URL": "http://dead",
        }
        return subprocess.run(
            ["/bin/sh", "-c", command], text=True, capture_output=True, timeout=40, env=environment, cwd=self.folder
        )

    def state(self) -> JobState:
        return DetachedJob().process(self.run(DetachedJob().command(self.job)).stdout.splitlines())

    def wait(self, script: str, identity: str = "id", **lent: str) -> subprocess.CompletedProcess[str]:
        Path(self.job.script).write_text(script)
        return self.run(awaited(self.job, identity, self.state()).get_raw_value(), **lent)


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    monkeypatch.setattr(fact, "RUNS", str(tmp_path / "run"))
    monkeypatch.setattr(fact, "OLDER", {"jobs": f"test-{os.getpid()}-{tmp_path.name}"})
    yield Box(tmp_path)
    subprocess.run(["tmux", "-S", str(tmp_path / "run" / "jobs.sock"), "kill-server"], capture_output=True)
    Path(f"/tmp/tmux-{os.getuid()}/test-{os.getpid()}-{tmp_path.name}").unlink(missing_ok=True)


def test_a_job_that_ends_well_is_done(box: Box) -> None:
    (box.folder / "home" / ".tmux.conf").write_text("set -g destroy-unattached on\n")
    done = box.wait("echo one; sleep 1; echo two\n")
    assert (done.returncode, done.stderr, "one\ntwo\n" in done.stdout) == (0, "", True)
    assert box.state() == JobState("id", status=0)
    assert (box.folder / "jobs" / "log").stat().st_mode & 0o777 == 0o640


def test_one_that_fails_ends_with_its_status_and_last_words(box: Box) -> None:
    done = box.wait("echo boom; exit 7\n")
    assert (done.returncode, "boom" in done.stderr, box.state()) == (7, True, JobState("id", status=7))


def test_its_environment_is_clean(box: Box) -> None:
    box.wait("env\n")
    log = (box.folder / "jobs" / "log").read_text()
    assert "UV_EXTRA_INDEX_URL" not in log and f"GPUSTRAP_JOB={box.job.name}" in log and "TMUX" not in log


def test_one_at_work_is_joined(box: Box) -> None:
    first = threading.Thread(target=box.wait, args=("echo started; sleep 4; echo done\n",))
    first.start()
    while not box.state().running:
        pass
    done = box.run(awaited(box.job, "id", box.state()).get_raw_value())
    first.join()
    assert (done.returncode, done.stdout.count("started\n")) == (0, 1)


@pytest.fixture
def loan() -> Iterator[tuple[socket.socket, dict[str, str]]]:
    """A port that stands for the laptop's, and what a shell is told of it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        yield server, {"GPUSTRAP_LENT": str(port), "https_proxy": f"http://me:s3'cret@127.0.0.1:{port}"}


def test_it_gets_the_network_that_is_lent_and_leaves_no_setting_of_it(box: Box, loan: Any) -> None:
    _, told = loan
    done = box.wait('ls way; echo "$https_proxy" >by\n', **told)
    assert (done.returncode, done.stderr) == (0, "")
    assert (box.folder / "jobs" / "by").read_text().strip() == told["https_proxy"]
    assert "way\n" not in done.stdout and not (box.folder / "jobs" / "way").exists()


def test_it_ends_when_the_lender_goes_and_the_next_run_goes_on(box: Box, loan: Any) -> None:
    server, told = loan
    Path(box.job.script).write_text("[ -e had ] && exit 0; : >had; sleep 321\n")
    first = threading.Thread(target=box.run, args=(awaited(box.job, "id", JobState()).get_raw_value(),), kwargs=told)
    first.start()
    while not (box.folder / "jobs" / "had").exists():
        pass
    joins = awaited(box.job, "id", box.state()).get_raw_value()
    server.close()
    first.join(20)
    cut = box.state()
    with socket.create_server(("127.0.0.1", 0)) as other:
        told["GPUSTRAP_LENT"] = str(other.getsockname()[1])
        done = box.run(joins, **told)
    log = (box.folder / "jobs" / "log").read_text()
    assert (cut.cut_off, log.count("the laptop's network, by which it downloads, is gone")) == (True, 1)
    assert (done.returncode, box.state()) == (0, JobState("id", status=0))


def test_one_for_other_settings_is_ended_with_all_that_it_started(box: Box) -> None:
    first = threading.Thread(target=box.wait, args=("setsid sleep 321 & : >had; sleep 321\n", "old"))
    first.start()
    while not (box.folder / "jobs" / "had").exists():
        pass
    done = box.wait("echo new\n", "new")
    first.join()
    assert done.returncode == 0 and "which was started for other settings" in done.stdout
    left = box.run(fact.tmux_script("tmux-common", "jobs") + f"members {box.job.name}\n").stdout
    assert left == ""


def test_only_of_one_that_the_lent_network_ended_that_is_said() -> None:
    gone = "the laptop's network, by which it was downloaded, went away: it goes on where it was"
    ended = [JobState("2d71", status=status) for status in (75, 1)]
    assert [was_cut_off(state) for state in ended] == [[gone], []]
