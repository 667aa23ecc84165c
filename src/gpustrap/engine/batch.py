"""Many commands in one exec: a script for `sh -s`, and its framed answer taken apart again. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from gpustrap.engine.plain import still
from gpustrap.engine.scripts import script as file_script
from gpustrap.engine.scripts import text_of
from gpustrap.language import tr

# A command that takes longer than this is left out of the answer; who needs it runs it alone.
COMMAND_SECONDS = 60
ROOMS = "/tmp /var/tmp /dev/shm /run"  # where the answers may lie until they are fetched, the first that can be written
CHECK_SECONDS = 10  # of one that is asked behind what is waited for

_SIZE = re.compile(rb" *(\d+) (\S+)")
_STATUS = re.compile(rb"\d{1,3}")


@dataclass(frozen=True)
class Answer:
    """What one command gave: its exit status and both outputs, as bytes."""

    status: int
    stdout: bytes
    stderr: bytes


class BadFrame(ValueError):
    """The answer is not the one that `script` promises, e.g. because the connection was cut."""


def script(commands: Sequence[str], seconds: float = COMMAND_SECONDS) -> str:
    """A POSIX shell script that runs all commands at the same time and prints every answer: first the size of
    each output, then each exit status, then all outputs.

    A command has `seconds`, where the instance has `timeout`, and nothing on its stdin.
    """
    numbers = " ".join(map(str, range(len(commands))))
    tail = file_script("batch-tail", files=" ".join(_files(range(len(commands)))), numbers=numbers)
    return f"{head(commands, seconds)}asked {numbers}\n{tail}"


def head(commands: Sequence[str], seconds: float = COMMAND_SECONDS) -> str:
    """What stands before `asked NUMBER…`, which asks some of the commands at the same time."""
    questions = "".join(
        f"gpustrap_q{number}={shlex.quote(unwrapped(command))}\n" for number, command in enumerate(commands)
    )
    names = " ".join(f"gpustrap_q{number}" for number in range(len(commands)))
    return questions + file_script(
        "batch-head", limit=str(seconds), rooms=ROOMS, asks=text_of("batch-asks"), gpustrap_all=names
    )


def bounded(checks: Sequence[str]) -> str:
    """The same for commands that are asked behind something else.

    Where nothing bounds them there is no answer: one that hangs would hold up what is waited for.
    """
    return f"command -v timeout >/dev/null 2>&1 && (\n{script(checks, CHECK_SECONDS)}\n)\n"


def parse(output: bytes, count: int, numbers: Sequence[int] | None = None) -> list[Answer | None]:
    """The answers in the order of the commands; None for one that hit the time limit. Raises BadFrame.

    `numbers`: where they are not those from 0 on.
    """
    sizes, rest = _sizes(output, _files(range(count) if numbers is None else numbers))
    statuses, rest = _statuses(rest, count)
    if sum(sizes) != len(rest):
        raise BadFrame(f"{len(rest)} bytes of output, {sum(sizes)} were counted")
    outputs = []
    for size in sizes:
        outputs.append(rest[:size])
        rest = rest[size:]
    pairs = zip(statuses, outputs[::2], outputs[1::2], strict=True)
    return [None if status in (124, 137) else Answer(status, out, err) for status, out, err in pairs]


def _files(numbers: Sequence[int]) -> list[str]:
    return [f"{i}.{kind}" for i in numbers for kind in ("out", "err")]


def _sizes(output: bytes, files: Sequence[str]) -> tuple[list[int], bytes]:
    """What `wc -c` says of each file; it ends with a total."""
    sizes, rest = [], output
    for name in [*files, "total"]:
        line, newline, rest = rest.partition(b"\n")
        found = _SIZE.fullmatch(line)
        if not newline or not found or found.group(2) != name.encode():
            raise BadFrame(f"no size of {name} in {line[:80]!r}")
        sizes.append(int(found.group(1)))
    return sizes[:-1], rest


def _statuses(output: bytes, count: int) -> tuple[list[int], bytes]:
    statuses, rest = [], output
    for i in range(count):
        line, newline, rest = rest.partition(b"\n")
        if not newline or not _STATUS.fullmatch(line):
            raise BadFrame(f"no exit status of {i} in {line[:80]!r}")
        statuses.append(int(line))
    return statuses, rest


def unwrapped(command: str) -> str:
    """What stands inside pyinfra's `sh -c '…'`: the script runs each command by a shell of its own anyhow."""
    inner = command.removeprefix("sh -c ")
    plain = inner[1:-1].replace("'\"'\"'", "'") if inner.startswith("'") else inner
    return plain if inner != command and shlex.quote(plain) == inner else command


def not_written(path: str, answer: Answer) -> list[str]:
    """Why a file that was sent does not stand there, in the box's last words and in ours."""
    said = [still(line) for line in answer.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    ended = tr("{path} was not written: what wrote it ended with {status}", path=path, status=answer.status)
    return [*said[-1:], ended]
