from __future__ import annotations

from typing import Any

import pytest
from pyinfra.connectors.util import CommandOutput, OutputLine

from gpustrap.engine.batch import Answer
from gpustrap.engine.pyinfra_forms import as_answer, as_bytes, as_output


@pytest.mark.parametrize(
    ("stdin", "sent"),
    [(None, b""), ("", b"\n"), ("é", "é\n".encode()), ("a\n", b"a\n"), (["a", "b\n", ""], b"a\nb\n\n"), ([], b"")],
)
def test_what_goes_to_a_command_ends_each_line(stdin: Any, sent: bytes) -> None:
    assert as_bytes(stdin) == sent


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []), (b"\n", [""]), (b"a", ["a"]), (b"a\n", ["a"]), (b"a\n\n", ["a", ""]), (b"a\r\nb\x0bc", ["a\r", "b\x0bc"]),
        (b"caf\xe9", ["caf\ufffd"]),
    ],
)  # fmt: skip
def test_an_answer_is_its_lines_on_the_side_they_came_from(data: bytes, lines: list[str]) -> None:
    assert as_output(Answer(0, data, b"e\n")).stdout_lines == as_output(Answer(0, b"o\n", data)).stderr_lines == lines
    both = as_output(Answer(0, data, b"e\n")).combined_lines
    assert both == [OutputLine("stdout", line) for line in lines] + [OutputLine("stderr", "e")]


def test_lines_are_an_answer_again() -> None:
    said = CommandOutput([OutputLine("stdout", "é"), OutputLine("stderr", "no"), OutputLine("stdout", "")])
    assert as_answer(said) == Answer(0, "é\n\n".encode(), b"no\n")
