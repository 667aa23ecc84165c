from __future__ import annotations

import subprocess
import sys

import gevent
import pytest
from gevent.event import Event

from gpustrap.engine import greenlets

FAILS = """
import gevent
from gpustrap.engine import greenlets
{hush}
failing = gevent.spawn(lambda: {{}}["missing"])
try:
    gevent.joinall([failing], raise_error=True)
except KeyError as error:
    print("raised", error)
"""


@pytest.mark.parametrize(("hush", "silent"), [("greenlets.hush()", True), ("", False)])
def test_what_a_greenlet_raises_is_raised_where_it_is_awaited_and_not_printed(hush: str, silent: bool) -> None:
    done = subprocess.run([sys.executable, "-c", FAILS.format(hush=hush)], capture_output=True, text=True)
    assert done.stdout == "raised 'missing'\n"
    assert (done.stderr == "") is silent


INTERRUPTED = """
from gevent import monkey; monkey.patch_all()
import os, signal, threading, time
import gevent
from gpustrap.engine import greenlets
greenlets.hush()

def thread_of_a_library():
    gevent.sleep(0)
    os.kill(os.getpid(), signal.{name})  # it comes while this one runs, not while the main one waits
    for _ in range(1000): pass
    gevent.sleep(600)

threading.Thread(target=thread_of_a_library, daemon=True).start()
try:
    gevent.sleep(30)
    print("was lost")
except KeyboardInterrupt:
    print("stopped")
os._exit(0)
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_what_ends_a_run_is_not_lost_in_a_librarys_thread(name: str) -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED.format(name=name)], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("stopped\n", "")


def test_a_signal_that_is_ignored_stays_so() -> None:
    """As under nohup."""
    text = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\nfrom gpustrap.engine import greenlets; greenlets.hush()\n"
    text += "print(signal.getsignal(signal.SIGHUP) is signal.SIG_IGN)"
    assert subprocess.run([sys.executable, "-c", text], capture_output=True, text=True).stdout == "True\n"


def test_where_the_main_one_runs_it_is_ended_at_once() -> None:
    with pytest.raises(KeyboardInterrupt):
        greenlets._end_the_main_one(2, None)


def test_who_does_not_end_in_time_is_left_behind_and_raises_nothing_here() -> None:
    go = Event()

    def stubborn() -> None:
        try:
            go.wait()
        except gevent.GreenletExit:
            go.wait()

    one, other = gevent.spawn(stubborn), gevent.spawn(go.wait)
    gevent.sleep(0)
    greenlets.end([one, other], 0.01)
    assert (one.dead, other.dead) == (False, True)
    go.set()
    one.join(30)
    greenlets.end([one], 0.01)
    assert one.successful()
