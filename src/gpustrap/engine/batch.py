"""Many commands in one exec: a script for `sh -s`, and its framed answer taken apart again. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

# A command that takes longer than this is left out of the answer; who needs it runs it alone.
COMMAND_SECONDS = 60

_HEAD = """\
d=$(mktemp -d) || exit 1
trap 'rm -rf "$d"' EXIT
limit() { if command -v timeout >/dev/null 2>&1; then timeout -k 2 SECONDS "$@"; else "$@"; fi; }
ask() { limit sh -c "$2" >"$d/$1.out" 2>"$d/$1.err" </dev/null; echo $? >"$d/$1.rc"; }
"""
_TAIL = """\
wait
i=0
while [ $i -lt COUNT ]; do
  echo "$i $(cat "$d/$i.rc") $(wc -c <"$d/$i.out") $(wc -c <"$d/$i.err")"
  cat "$d/$i.out" "$d/$i.err"
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


def script(commands: Sequence[str]) -> str:
    """A POSIX shell script that runs all commands at the same time and prints every answer, framed by length."""
    asks = "".join(f"ask {i} {shlex.quote(command)} &\n" for i, command in enumerate(commands))
    return _HEAD.replace("SECONDS", str(COMMAND_SECONDS)) + asks + _TAIL.replace("COUNT", str(len(commands)))


def parse(output: bytes, count: int) -> list[Answer | None]:
    """The answers in the order of the commands; None for one that hit the time limit. Raises BadFrame."""
    answers: list[Answer | None] = []
    rest = output
    for expected in range(count):
        head, newline, rest = rest.partition(b"\n")
        try:
            number, status, stdout_size, stderr_size = (int(part) for part in head.split())
        except ValueError as error:
            raise BadFrame(f"answer {expected}: no frame in {head[:80]!r}") from error
        if not newline or number != expected or len(rest) < stdout_size + stderr_size:
            raise BadFrame(f"answer {expected}: cut short")
        answer = Answer(status, rest[:stdout_size], rest[stdout_size : stdout_size + stderr_size])
        rest = rest[stdout_size + stderr_size :]
        answers.append(None if status in (124, 137) else answer)
    return answers
