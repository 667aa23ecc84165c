"""The commands that a run asked an instance, remembered for the next run. Only commands, never answers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from gpustrap.laptop.atomic import write_atomically

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
    write_atomically(path, json.dumps({"commands": list(commands)[:MOST_COMMANDS]}, indent=1))
