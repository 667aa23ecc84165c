"""The commands that a run asked an instance, remembered for the next run. Only commands, never answers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
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


def forget_those_of_other_code(code: str, stamp: Path, memories: Iterable[Path]) -> None:
    """Forget what was asked by other code: a command that was taken out of a role must not run on the instance again.

    `code`: a digest of what asks; `stamp`: the file that holds the one of the last run.
    """
    try:
        if stamp.read_text(encoding="utf-8") == code:
            return
    except (OSError, ValueError):
        pass
    for memory in memories:
        memory.unlink(missing_ok=True)
    with suppress(OSError):  # on a full disk they are forgotten each time
        write_atomically(stamp, code)
