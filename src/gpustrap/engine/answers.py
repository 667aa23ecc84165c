"""What a command gives and gets, between pyinfra's lines and the wire's bytes. Pure."""

from __future__ import annotations

from typing import Any

from pyinfra.connectors.util import CommandOutput, OutputLine

from gpustrap.engine.batch import Answer


def as_bytes(stdin: Any) -> bytes:
    """pyinfra's `_stdin`: a text, or lines of it."""
    lines = [stdin] if isinstance(stdin, str) else stdin or ()
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines).encode()


def as_output(answer: Answer) -> CommandOutput:
    named = (("stdout", answer.stdout), ("stderr", answer.stderr))
    return CommandOutput([OutputLine(name, line) for name, data in named for line in _lines(data)])


def as_answer(output: CommandOutput) -> Answer:
    def data(lines: list[str]) -> bytes:
        return "".join(f"{line}\n" for line in lines).encode()

    return Answer(0, data(output.stdout_lines), data(output.stderr_lines))


def _lines(data: bytes) -> list[str]:
    """As pyinfra reads them: split at newlines, each line without its own."""
    text = data.decode("utf-8", "replace")
    return text.removesuffix("\n").split("\n") if text else []
