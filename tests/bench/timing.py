"""One cold process, timed with all that it waited for."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Command:
    """What to start, and where. `environment` is added to this process's own."""

    argv: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Timed:
    """`cpu_s` is user and system time on this machine, of the process and the children it waited for.

    `memory_mb` is what the largest of them had at its most.
    """

    wall_s: float
    cpu_s: float
    memory_mb: float
    status: int


def timed(command: Command, log: Path) -> Timed:
    """Run it to its end without a terminal; what it prints goes to `log`."""
    environment = {**os.environ, **command.environment}
    # As in a person's shell: Python keeps what it has compiled. Images of containers often have it that it does not.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with log.open("wb") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command.argv,
            cwd=command.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    return Timed(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, process.returncode)
