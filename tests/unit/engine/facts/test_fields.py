from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpustrap.engine.facts.fields import MOST_CHARACTERS, MOST_NUMBER, clean, distinct, number, version_of


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("plain text", "plain text"),
        ("\x1b[31mred\x07", "[31mred"),
        ("a\u202eb\u200bc\u2028d\u2029e\ud800f", "abcdef"),
        ("tab\tand\nline", "tabandline"),
        ("名 é", "名 é"),
    ],
)
def test_what_could_steer_a_terminal_is_taken_out(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@given(st.text())
def test_what_is_clean_stays_and_has_no_control_character(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert not {unicodedata.category(each) for each in once} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_a_field_has_an_end() -> None:
    assert len(clean("x" * 100_001)) == MOST_CHARACTERS == 100_000


@given(st.one_of(st.text(max_size=30), st.integers().map(str)))
def test_a_number_is_one_that_a_box_can_have(text: str) -> None:
    value = number(text)
    assert value is None or (0 <= value < MOST_NUMBER and value == int(text.strip()))


@pytest.mark.parametrize(
    ("text", "version"),
    [("12.8", (12, 8)), (" 570.86.10\n", (570, 86, 10)), ("", None), ("12.", None), ("12.x", None), ("٣.١", None)],
)
def test_a_version_is_numbers_between_dots(text: str, version: tuple[int, ...] | None) -> None:
    assert version_of(text) == version


def test_each_word_is_kept_once_in_its_order() -> None:
    assert distinct(iter(["b", "a", "b", "c", "a"])) == ("b", "a", "c")
