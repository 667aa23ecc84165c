"""Questions at a terminal: asked on stderr, one line an answer. Ctrl-D ends the conversation as Ctrl-C does."""

from __future__ import annotations

import select
import sys
from typing import TYPE_CHECKING

from gpustrap.ui.answers import meant, neither
from gpustrap.ui.plain import shown

if TYPE_CHECKING:
    from pydantic import SecretStr

REST_SECONDS = 0.2  # how long the other lines of a paste may take to arrive


def at_terminal() -> bool:
    """Whether somebody can be asked: both what is read and where the question stands are a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: str, default: str = "") -> str:
    """One line without the spaces around it; `default`, which is shown, for an empty one."""
    asked = f"{question} [{default}] " if default else f"{question} "
    return _line(asked).strip() or default


def agrees(question: str, *, default: bool) -> bool:
    """Yes or no, again and again until it is one of these."""
    hint = "[Y/n]" if default else "[y/N]"
    while (agreed := meant(typed := _line(f"{question} {hint} "), default=default)) is None:
        print(neither(typed), file=sys.stderr)
    return agreed


def hidden(question: str) -> SecretStr | None:
    """What is typed, without being shown; None for an empty line."""
    import getpass

    from pydantic import SecretStr

    try:
        typed = getpass.getpass(question, stream=sys.stderr)
    except EOFError:
        raise KeyboardInterrupt from None
    return SecretStr(typed) if typed else None


def ask_lines(question: str) -> str:
    """What is pasted: its first line, and those that are there at once behind it."""
    lines = [_line(f"{question} ")]
    while select.select([sys.stdin], [], [], REST_SECONDS)[0] and (line := sys.stdin.readline()):
        lines.append(line)
    return "\n".join(line.rstrip("\n") for line in lines)


def _line(question: str) -> str:
    from gpustrap.ui.table import fitted

    print(fitted(shown(question)), end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        print(file=sys.stderr)
        raise KeyboardInterrupt
    return line
