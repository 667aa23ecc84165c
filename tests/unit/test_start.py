"""The first tenths of a second of a run, in which its own modules are read."""

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


def test_ctrl_c_while_modules_are_read_ends_as_it_does_later() -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED, "up", "--json"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (130, "stopped; the same command goes on from here\n")
    (fault,) = json.loads(done.stdout)["error"]
    assert fault["message"] == "stopped; the same command goes on from here"


def test_without_json_stdout_stays_empty() -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED, "up"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (130, "")
