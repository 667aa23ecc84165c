"""Whose a thing of the lab is: the mark of the process that made it for itself, and whether that still runs.

Tests mark what they make, so that what a killed test run left behind is found and removed.
"""

from __future__ import annotations

import os
from pathlib import Path


def owner_mark(pid: int | None = None) -> str:
    """`PID`, or `PID-TICKS` where /proc tells when the process began: a number alone may be used again."""
    pid = os.getpid() if pid is None else pid
    began = began_ticks(pid)
    return str(pid) if began is None else f"{pid}-{began}"


def is_alive(mark: str) -> bool:
    """Whether the process of this mark still runs on this machine."""
    pid = int(mark.partition("-")[0])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # another user's process
    return mark in (str(pid), owner_mark(pid))


def began_ticks(pid: int) -> int | None:
    """Field 22 of /proc/PID/stat (proc(5)); the fields are counted after the name, which may hold spaces."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return int(stat.rpartition(")")[2].split()[19])
