from __future__ import annotations

import stat
import subprocess
import sys

from gpustrap.lab import state

HOLD = """
import sys
from gpustrap.lab.state import locked
with locked("thing"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_key_is_made_once_and_is_private():
    first = state.public_key()
    key = state.private_key()
    assert first == state.public_key() != ""
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700


def test_a_key_without_its_public_half_is_made_anew():
    state.home().joinpath("id_ed25519").write_text("half")
    assert state.public_key().startswith("ssh-ed25519 ")


def test_whoever_comes_second_waits_and_says_so():
    said: list[str] = []
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "held\n"

        def say(line: str) -> None:
            said.append(line)
            other.stdin.close()

        with state.locked("thing", say):
            assert said == ["thing is being worked on elsewhere; waiting for it"]


def test_the_lock_of_a_killed_process_is_free():
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "held\n"
        other.kill()
    said: list[str] = []
    with state.locked("thing", said.append):
        assert said == []


def test_a_write_that_changes_nothing_leaves_the_file_alone(tmp_path):
    path = tmp_path / "new" / "file"
    state.write_if_new(path, "text")
    before = path.stat()
    state.write_if_new(path, "text")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    state.write_if_new(path, "other")
    assert (path.read_text(), [each.name for each in path.parent.iterdir()]) == ("other", ["file"])


THREE = """
import gpustrap.engine  # makes the process cooperative, as a run does
import subprocess
import gevent
from gpustrap.lab.state import locked

def work(number):
    with locked("thing"):
        subprocess.run(["sleep", "0.2"], check=True)  # as the holder waits for podman
        print(number, flush=True)

gevent.joinall([gevent.spawn(work, number) for number in range(3)], raise_error=True)
"""


def test_an_instance_that_waits_for_a_lock_lets_the_holder_of_the_same_run_go_on():
    done = subprocess.run([sys.executable, "-c", THREE], capture_output=True, text=True, timeout=60)
    assert sorted(done.stdout.split()) == ["0", "1", "2"], done.stderr
