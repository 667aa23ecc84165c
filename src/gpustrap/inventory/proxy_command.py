"""Whether the program that a ProxyCommand of the person's ssh_config runs is there."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

from gpustrap.inventory.ssh_config import settings_for


def missing_program(host: str) -> str:
    """The program of `host`'s ProxyCommand where it is not there; empty where it is, or where there is no command."""
    words = _words(settings_for(host).get("proxycommand", ""))
    program = next((word for word in words if word != "exec"), "none")
    told = program.lower() != "none" and "%" not in program and "$" not in program
    return program if told and not shutil.which(Path(program).expanduser()) else ""


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:  # a quote that is not closed
        return command.split()
