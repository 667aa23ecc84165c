from __future__ import annotations

import pytest

from gpustrap.engine.lines import Lines


@pytest.mark.parametrize(
    ("pieces", "lines"),
    [
        ([b"one\ntw", b"o\n", b"no end"], ["one", "two"]),
        ([b"10%\r20%\r", b"\n"], ["10%", "20%"]),
        ([b"\n\nx\n"], ["x"]),
        (["é\n".encode()[:1], "é\n".encode()[1:]], ["é"]),
        ([b"\xff\n"], ["\ufffd"]),
    ],
)
def test_each_line_is_heard_once_it_is_whole(pieces: list[bytes], lines: list[str]) -> None:
    heard: list[str] = []
    taken = Lines(heard.append)
    for piece in pieces:
        taken.take(piece)
    assert heard == lines
