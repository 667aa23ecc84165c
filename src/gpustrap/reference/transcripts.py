"""Transcripts in written pages: what a command prints that needs no instance, made anew."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable

# Verbs whose answer is decided by the catalog alone.
OFFLINE = (("torch", "explain"), ("gpus",))

_BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"(?m)^(?=\$ )")


def transcripts(text: str, answer: Callable[[list[str]], str]) -> str:
    """`text`, where below each `$ gpustrap …` of a console block that can be asked offline stands its `answer`.

    `answer` is given the words after `gpustrap`. A command that is shown without an answer stays without one.
    """

    def block(found: re.Match[str]) -> str:
        return "".join(_renewed(one, answer) for one in _COMMAND.split(found.group()))

    return _BLOCK.sub(block, text)


def _renewed(shown: str, answer: Callable[[list[str]], str]) -> str:
    """One command and what stands below it."""
    command, newline, output = shown.partition("\n")
    words = _words(command)
    if not output or not any(tuple(words[: len(verb)]) == verb for verb in OFFLINE):
        return shown
    return f"{command}{newline}{answer(words).rstrip()}\n"


def _words(command: str) -> list[str]:
    """The words after `$ gpustrap`; none where something else is called."""
    called, *words = shlex.split(command.removeprefix("$ "), comments=True) or [""]
    return words if called in ("gpustrap", "./gpustrap") else []
