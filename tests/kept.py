"""What tests need of the registries, fetched once a machine: folders in the user's cache, and programs in them."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from platformdirs import user_cache_path


def once(name: str, make: Callable[[Path], None]) -> Path:
    """A folder that is made once a machine."""
    folder = user_cache_path("gpustrap", appauthor=False) / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            make(folder)
            (folder / "made").touch()
    return folder


def run(*words: object) -> None:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def programs_of(requirement: str) -> Path:
    """The folder with the Python and the programs of an environment that has this package alone."""

    def make(folder: Path) -> None:
        uv = (sys.executable, "-m", "uv")
        run(*uv, "venv", "-q", "--clear", "--python", sys.executable, folder)
        run(*uv, "pip", "install", "-q", "--python", folder / "bin" / "python", requirement)

    return once(f"test-client-{requirement}", make) / "bin"
