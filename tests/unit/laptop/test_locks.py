"""A lock keeps out other processes, threads and greenlets, says once that it waits, and is free when its holder dies."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

import pytest

from gpustrap.laptop.locks import locked

HOLDER = """
import sys
from pathlib import Path
from gpustrap.laptop.locks import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock `tmp_path / "lock"`; it lets go when its stdin ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


@pytest.mark.parametrize(
    "end", [lambda one: one.stdin.close(), lambda one: one.send_signal(signal.SIGKILL)], ids=["lets go", "is killed"]
)
def test_another_process_is_waited_for_and_that_is_said_once(tmp_path, holder, end):
    said = []

    def waits():
        said.append(holder.poll())
        end(holder)

    with locked(tmp_path / "lock", waits):
        assert holder.wait(timeout=10) is not None
    assert said == [None]


def test_a_free_lock_is_taken_without_a_word_again_and_again(tmp_path):
    for _ in range(2):
        with locked(tmp_path / "folder" / "lock", lambda: pytest.fail("waits")):
            pass
    assert (tmp_path / "folder" / "lock").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "folder").stat().st_mode & 0o777 == 0o700


def test_a_failure_inside_lets_go(tmp_path):
    with pytest.raises(ValueError, match="odd"), locked(tmp_path / "lock"):
        raise ValueError("odd")
    with locked(tmp_path / "lock", lambda: pytest.fail("waits")):
        pass


def test_threads_of_one_process_take_turns(tmp_path):
    inside, most = [], []

    def work():
        with locked(tmp_path / "lock"):
            inside.append(1)
            most.append(len(inside))
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(3)]
    with locked(tmp_path / "lock"):
        for thread in threads:
            thread.start()
        assert most == []
    for thread in threads:
        thread.join(timeout=10)
    assert most == [1, 1, 1]


def test_greenlets_of_one_run_take_turns_and_the_holder_can_go_on(tmp_path):
    """In a process of its own: a run makes `time.sleep` cooperative, which pytest's own process must not be."""
    code = """
import sys
from gevent import monkey
monkey.patch_all()
import gevent
from pathlib import Path
from gpustrap.laptop.locks import locked
order = []
def work(name):
    with locked(Path(sys.argv[1]), lambda: order.append(f"{name} waits")):
        order.append(f"{name} in")
        gevent.sleep(0.2)
        order.append(f"{name} out")
gevent.joinall([gevent.spawn(work, name) for name in "ab"], raise_error=True)
print(*order, sep=", ")
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "lock")], capture_output=True, text=True, timeout=30
    )
    assert done.stdout == "a in, b waits, a out, b in, b out\n", done.stderr
