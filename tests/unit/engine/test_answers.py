from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("stdin", "data"),
    [(None, b""), ("a", b"a\n"), ("a\n", b"a\n"), (["a", "b\n"], b"a\nb\n"), ([], b"")],
)
def test_what_a_command_reads_is_lines(stdin: Any, data: bytes) -> None:
    from gpustrap.engine.answers import as_bytes

    assert as_bytes(stdin) == data


def test_an_answer_is_pyinfras_lines_and_back() -> None:
    from gpustrap.engine.answers import as_answer, as_output
    from gpustrap.engine.batch import Answer

    output = as_output(Answer(0, b"one\n\ntwo", b"\xff\n"))
    assert (output.stdout_lines, output.stderr_lines) == (["one", "", "two"], ["�"])
    assert as_answer(output) == Answer(0, b"one\n\ntwo\n", "�\n".encode())
    assert as_output(Answer(0, b"", b"")).stdout_lines == []
