"""No word that fits a line is broken, Chinese is broken between characters, and no line begins with what closes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpustrap.ui.wrapping import broken, cells


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, [""]),
        ("a sentence of words", 10, ["a sentence", "of words"]),
        ("  indented text", 10, ["  indented", "text"]),
        (" aaaa", 4, ["aaaa"]),
        ("/etc/gpustrap/web/run: created", 14, ["/etc/gpustrap/", "web/run:", "created"]),
        ("https://mirror.example/pytorch-wheels/cu128", 24, ["https://mirror.example/", "pytorch-wheels/cu128"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("理由：hosts.yml 里没写代理", 12, ["理由：", "hosts.yml 里", "没写代理"]),
        ("已加进 inventory/hosts.yml（从地址看不出）", 24, ["已加进", "inventory/hosts.yml（从", "地址看不出）"]),
        ("正常，将改", 5, ["正", "常，", "将改"]),
    ],
)
def test_lines_are_broken_where_a_reader_expects_it(text, width, lines):
    assert broken(text, width) == lines


@given(st.text("ab/ .：，（）路径x-", max_size=40), st.integers(4, 20))
def test_every_line_fits_and_nothing_is_lost(text, width):
    lines = broken(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(cells(line) <= width or len(line.strip("（")) <= 4 or set(line) <= set("（，：）") for line in lines)
