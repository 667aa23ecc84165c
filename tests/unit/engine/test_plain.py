from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpustrap.engine.plain import still


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("as it is", "as it is"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;a title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("a\tb", "a    b"),
        ("bell\x07 and\r return\x9b", "bell and return"),
        ("中文 é", "中文 é"),
    ],
)
def test_what_a_terminal_would_obey_is_left_out(line: str, shown: str) -> None:
    assert still(line) == shown


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_left(line: str) -> None:
    assert not [character for character in still(line) if character < " " or "\x7f" <= character <= "\x9f"]
