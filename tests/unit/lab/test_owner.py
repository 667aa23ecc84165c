from __future__ import annotations

import os
import subprocess
import sys

from gpustrap.lab.owner import is_alive, owner_mark


def test_a_running_process_owns_its_things():
    assert is_alive(owner_mark()) and is_alive(str(os.getpid()))


def test_an_ended_process_owns_nothing():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        mark = owner_mark(process.pid)
        assert is_alive(mark)
    assert not is_alive(mark)


def test_a_number_that_is_used_again_is_another_process():
    pid, _, began = owner_mark().partition("-")
    assert not is_alive(f"{pid}-{int(began) - 1}")
