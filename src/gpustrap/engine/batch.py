"""Many commands in one exec: a script for `sh -s`, and its framed answer taken apart again. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

# A command that takes longer than this is left out of the answer; who needs it runs it alone.
COMMAND_SECONDS = 60

_HEAD = """\
d=$(mktemp -d) || exit 1
trap 'rm -rf "$d"' EXIT
trap 'exit 1' HUP INT TERM
limit() { if command -v timeout >/dev/null 2>&1; then timeout -k 2 LIMIT "$@"; else "$@"; fi; }
ask() { limit sh -c "$2" >"$d/$1.out" 2>"$d/$1.err" </dev/null; echo $? >"$d/$1.rc"; }
"""
# number, exit status, bytes of stdout, bytes of stderr; some `wc` pad their number
_FRAME = re.compile(rb"(\d+) (\d+) +(\d+) +(\d+)")
_TAIL = """\
wait
i=0
while [ $i -lt COUNT ]; do
  # What a command left in the background may still write: no more is sent than was counted.
  o=$(wc -c <"$d/$i.out") e=$(wc -c <"$d/$i.err")
  echo "$i $(cat "$d/$i.rc") $o $e"
  head -c "$o" "$d/$i.out"
  head -c "$e" "$d/$i.err"
  i=$((i + 1))
done
"""


@dataclass(frozen=True)
class Answer:
    """What one command gave: its exit status and both outputs, as bytes."""

    status: int
    stdout: bytes
    stderr: bytes


class BadFrame(ValueError):
    """The answer is not the one that `script` promises, e.g. because the connection was cut."""


def script(commands: Sequence[str], seconds: float = COMMAND_SECONDS) -> str:
    """A POSIX shell script that runs all commands at the same time and prints every answer, framed by length.

    A command has `seconds`, where the instance has `timeout`, and nothing on its stdin.
    """
    asks = "".join(f"ask {i} {shlex.quote(command)} &\n" for i, command in enumerate(commands))
    return _HEAD.replace("LIMIT", str(seconds)) + asks + _TAIL.replace("COUNT", str(len(commands)))


def parse(output: bytes, count: int) -> list[Answer | None]:
    """The answers in the order of the commands; None for one that hit the time limit. Raises BadFrame."""
    answers: list[Answer | None] = []
    rest = output
    for expected in range(count):
        head, newline, rest = rest.partition(b"\n")
        if not (frame := _FRAME.fullmatch(head)):
            raise BadFrame(f"answer {expected}: no frame in {head[:80]!r}")
        number, status, stdout_size, stderr_size = map(int, frame.groups())
        if not newline or number != expected or len(rest) < stdout_size + stderr_size:
            raise BadFrame(f"answer {expected}: cut short")
        answer = Answer(status, rest[:stdout_size], rest[stdout_size : stdout_size + stderr_size])
        rest = rest[stdout_size + stderr_size :]
        answers.append(None if status in (124, 137) else answer)
    if rest:
        raise BadFrame(f"{len(rest)} bytes after the last answer")
    return answers
