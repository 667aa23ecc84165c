from __future__ import annotations

import subprocess

import pytest

from gpustrap.engine.facts.service_times import Ran, ServiceTimes


def test_since_when_and_how_often_is_what_the_lines_say() -> None:
    said = ["ran web 61 3", "ran job - 0", "ran x y 1 2", "ran web2 1 many", "welcome", "was web3 61 3"]
    assert ServiceTimes().process(said) == {"web": Ran(61, 3), "job": Ran(None, 0)}
    assert ServiceTimes.default() == {}


@pytest.mark.parametrize(
    ("state", "runs", "restarts"),
    [
        ("starts 1 ", True, 0),
        ("starts 1 \nwaits 2 1\nagain 3 1\n", True, 1),
        ("again 3 60\nwaits 9 1\n", False, 60),  # the first lines are not kept
        ("starts 1 \nended 5 0\n", False, 0),
    ],
)
def test_it_is_read_from_what_the_run_script_notes(tmp_path, state, runs, restarts) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "state").write_text(state)
    (tmp_path / "other").mkdir()
    done = subprocess.run(["sh", "-c", ServiceTimes().command(str(tmp_path))], capture_output=True, text=True)
    (ran,) = ServiceTimes().process(done.stdout.splitlines()).values()
    assert (ran.seconds is not None, ran.restarts, done.stderr) == (runs, restarts, "")


def test_where_no_service_was_ever_started_there_is_none(tmp_path) -> None:
    done = subprocess.run(["sh", "-c", ServiceTimes().command(str(tmp_path))], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
