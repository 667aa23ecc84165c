"""A tmux that cannot be asked, under services that run well: each script says so, and none ends anything."""

from __future__ import annotations

import shutil
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from gpustrap.engine.facts import tmux as fact
from gpustrap.engine.facts.tmux import Running, services_script, start_script
from gpustrap.engine.facts.traces import Left, Remains
from gpustrap.engine.service_versions import settling
from gpustrap.errors import InstanceFailed
from service_box import Box, command_line

pytestmark = pytest.mark.skipif(not shutil.which("tmux") or not shutil.which("ss"), reason="no tmux or no ss here")

Harms = Callable[..., None]


@pytest.fixture
def harms(box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Harms:
    """Has another tmux, with these lines and this mode, from now on; none where there are no lines."""

    def harm(lines: str, mark: str = "GPUSTRAP_SERVICE", mode: int = 0o755) -> None:
        other, run = tmp_path / "other-tmux", box.run
        if lines:
            other.write_text(f"#!/bin/sh\n{lines}\n")
            other.chmod(mode)

        def run_with_other(script: str, timeout: float = 40) -> object:
            for was, now in (
                ("tmux=/usr/bin/tmux", f"tmux={other}"),
                ("tmux=tmux", f"tmux={other}"),
                ("timeout 10", "timeout 1"),
                ("mark=GPUSTRAP_SERVICE", f"mark={mark}"),
            ):
                script = script.replace(was, now)
            return run(script, timeout)

        monkeypatch.setattr(box, "run", run_with_other)

    return harm


def answers(box: Box) -> int:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"http://127.0.0.1:{box.port}") as answer:
        return int(answer.status)


def servers(box: Box) -> list[int]:
    """What answers; the shells above it come and go."""
    return [pid for pid in box.marked() if "http.server" in command_line(pid)]


def begins(box: Box) -> str:
    run = str(box.folder / "services" / box.name / "run")
    words = {"service": box.name, "identity": "new", "run": run, "port": str(box.port), "ending": ""}
    return start_script(units=str(box.units), logs=str(box.folder / "log"), **words)


@pytest.mark.parametrize(
    ("lines", "mode", "why"),
    [
        ("", 0o755, "it is not there, and what it started still runs"),
        ("exit 0", 0o644, "it cannot be executed"),
        ("exec sleep 100", 0o755, "it gives no answer within 10 s"),
        ("echo protocol version mismatch >&2; exit 1", 0o755, "protocol version mismatch"),
        ("exit 1", 0o755, "it fails and says nothing"),
    ],
    ids=["absent", "barred", "slow", "failing", "silent"],
)
def test_a_service_goes_on_while_tmux_cannot_be_asked(box: Box, harms: Harms, lines: str, mode: int, why: str) -> None:
    service = box.serves()
    assert box.up(service) == ""
    alive, units = servers(box), str(box.units)
    folder = str(box.folder / "services")
    harms(lines, mode=mode)

    with pytest.raises(InstanceFailed) as told:
        box.look(service)
    assert (told.value.error, "--reinstall tmux" in str(told.value.hint)) == (f"tmux cannot be asked: {why}", True)
    with pytest.raises(InstanceFailed, match="tmux cannot be asked"):
        box.settle(settling([service], *box.places))
    with pytest.raises(InstanceFailed, match="tmux cannot be asked"):
        Remains().process(box.run(Remains().command("services", [], [])).stdout.splitlines())
    for script in (
        begins(box),
        services_script("service-stop", service=box.name, units=units, port=""),
        services_script("service-remove", service=box.name, folder=folder, units=units),
    ):
        done = box.run(script)
        assert (done.returncode, done.stderr) == (1, f"tmux cannot be asked: {why}\n")
    assert (answers(box), servers(box), (box.units / box.name / "stopped").exists()) == (200, alive, False)


def test_a_box_without_tmux_on_which_nothing_of_ours_runs_is_a_fresh_one(box: Box, harms: Harms) -> None:
    service = box.serves()
    harms("", mark="GPUSTRAP_OF_NOBODY")
    assert box.look(service) is None
    left = Remains().process(box.run(Remains().command("services", [], [])).stdout.splitlines())
    assert left == Left()


@pytest.mark.parametrize("harm", ["kill-server", "kill -9"])
def test_a_server_that_has_gone_has_no_session(box: Box, harm: str) -> None:
    """One that is killed leaves its socket behind."""
    service = box.serves()
    assert box.start(service) == ""
    server = f"tmux -S {fact.RUNS}/services.sock"
    box.run(f"{server} kill-server" if harm == "kill-server" else f"kill -9 $({server} display-message -p '#{{pid}}')")
    box.until(lambda: box.look(service) is None)
    assert box.start(service) == ""
    seen = box.look(service)
    assert isinstance(seen, Running) and seen.ready
