"""The shell scripts that run on an instance, one `.sh` file each, checked by shellcheck as they stand."""

from __future__ import annotations

import shlex
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


def script(name: str, **parameters: str | int) -> str:
    """The text of `NAME.sh`, with each parameter set as a shell variable before it: quoted, whatever it holds."""
    assignments = "".join(f"{key}={shlex.quote(str(value))}\n" for key, value in parameters.items())
    return assignments + text_of(name)


def clean(name: str, **parameters: str | int) -> str:
    """As `script`, where nothing that the image's environment sets decides what it does."""
    return text_of("unset") + text_of("clean") + script(name, **parameters)


@cache
def text_of(name: str) -> str:
    """The script without its comment lines: they are for its readers here, and need not travel."""
    lines = (FOLDER / f"{name}.sh").read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.lstrip().startswith("#"))
