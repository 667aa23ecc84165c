"""How long a mutant's tests may take, and which of them killed it.

Each test has its own limit, from its start. What the mutant's processes waited for a core does not count, so a busy
machine kills no mutant: only one that computes or sleeps for so long is out of time.
"""

from __future__ import annotations

import json
import mmap
import os
import signal
import struct
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

READING = 60.0  # seconds: of importing the project anew
FORM = struct.Struct("dd")  # when the present test began, and its limit


class Watch:
    """A plugin of the child's pytest, which tells its parent what it does."""

    def __init__(self, told: Path, limits: dict[str, float]) -> None:
        self._told, self._limits = told, limits
        self._shared = mmap.mmap(-1, FORM.size)
        self.reads()

    def reads(self) -> None:
        self._shared[:] = FORM.pack(time.monotonic(), READING)

    def now(self) -> tuple[float, float]:
        began, limit = FORM.unpack(self._shared[:])
        return began, limit

    def killer(self) -> dict[str, str]:
        return dict(json.loads(self._told.read_text())) if self._told.exists() else {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._shared[:] = FORM.pack(time.monotonic(), self._limits.get(nodeid, READING))
        self._told.write_text(json.dumps({"by": nodeid}))  # where it does not end

    @pytest.hookimpl(tryfirst=True)
    def pytest_exception_interact(self, node: Any, call: Any) -> None:
        self._told.write_text(json.dumps({"by": node.nodeid, "error": call.excinfo.typename}))


def ended(child: int, watch: Watch) -> int | None:
    """How the child ended; None where it was out of time."""
    known, queued = watch.now()[0], 0.0
    while not (answer := os.waitpid(child, os.WNOHANG))[0]:
        time.sleep(0.01)
        began, limit = watch.now()
        if began != known:
            known, queued = began, _queued(child)
        passed = time.monotonic() - began
        if passed > limit and passed - (_queued(child) - queued) > limit:
            break
    else:
        return answer[1]
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _queued(process: int) -> float:
    """Seconds for which the process, or that of its children that waited longest, was ready to run and had no core."""
    own = 0.0
    with suppress(OSError):
        own = int(Path(f"/proc/{process}/schedstat").read_text().split()[1]) / 1e9
    return max([own, *map(_queued, _children(process))])


def _children(process: int) -> list[int]:
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    return []
