"""The commands that a run asked an instance, remembered for the next run. Only commands, never answers."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

# More than any run of the built-in roles asks (about 20); bounds what a broken project can pile up.
MOST_COMMANDS = 200


def recall(path: Path) -> tuple[str, ...]:
    """The remembered commands in the order they were asked; empty when there is no usable file."""
    try:
        commands = json.loads(path.read_text(encoding="utf-8"))["commands"]
    except (OSError, ValueError, KeyError, TypeError):
        return ()
    if not isinstance(commands, list):
        return ()
    return tuple(command for command in commands if isinstance(command, str))[:MOST_COMMANDS]


def remember(path: Path, commands: Iterable[str]) -> None:
    """Replace the memory with `commands`, atomically, readable by the owner only."""
    text = json.dumps({"commands": list(commands)[:MOST_COMMANDS]}, indent=1)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # 0600 from the first byte
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
