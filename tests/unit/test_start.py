"""The first tenths of a second of a run, in which its own modules are read, and the last, in which it is over at once."""

from __future__ import annotations

import json
import subprocess
import sys

# The finder stands for a person who presses Ctrl-C while the command line's modules are read.
INTERRUPTED = """
import sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "gpustrap.cli.main":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Finder())
from gpustrap.__main__ import main
main()
"""

# A verb that has printed something, is at work on more, and fails.
FAILED = """
import atexit, sys, threading, time
from gpustrap.cli import main
def verb(*_):
    print("half a table")
    print("and why", end="", file=sys.stderr)
    threading.Thread(target=time.sleep, args=(60,)).start()
    atexit.register(lambda: print("tidied"))
    return 1
main.run = verb
main.main()
"""


def test_ctrl_c_while_modules_are_read_ends_as_it_does_later() -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED, "up", "--json"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (130, "stopped; the same command goes on from here\n")
    (fault,) = json.loads(done.stdout)["error"]
    assert fault["message"] == "stopped; the same command goes on from here"


def test_without_json_stdout_stays_empty() -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED, "up"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (130, "")


def test_a_run_that_is_over_waits_for_nothing_and_loses_no_word() -> None:
    done = subprocess.run([sys.executable, "-c", FAILED], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout, done.stderr) == (1, "half a table\ntidied\n", "and why")
