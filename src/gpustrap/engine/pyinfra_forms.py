"""Answers and stdin in pyinfra's own forms. Pure."""

from __future__ import annotations

from typing import Any

from pyinfra.connectors.util import CommandOutput, OutputLine

from gpustrap.engine import batch


def as_bytes(stdin: Any) -> bytes:
    """What goes to a command: pyinfra's `_stdin`: a text, or lines of it."""
    lines = [stdin] if isinstance(stdin, str) else stdin or ()
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines).encode()


def as_output(answer: batch.Answer) -> CommandOutput:
    named = (("stdout", answer.stdout), ("stderr", answer.stderr))
    return CommandOutput([OutputLine(name, line) for name, data in named for line in _lines(data)])


def as_answer(output: CommandOutput) -> batch.Answer:
    def data(lines: list[str]) -> bytes:
        return "".join(f"{line}\n" for line in lines).encode()

    return batch.Answer(0, data(output.stdout_lines), data(output.stderr_lines))


def _lines(data: bytes) -> list[str]:
    """As pyinfra reads them: split at newlines, each line without its own."""
    text = data.decode("utf-8", "replace")
    return text.removesuffix("\n").split("\n") if text else []
