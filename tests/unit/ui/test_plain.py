"""What an instance says is hostile: nothing of it moves the cursor, colours, turns or hides anything."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpustrap.inventory.masking import remember
from gpustrap.ui.plain import in_one_line, plain, shown, whole


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("RTX \x1b[31m4090\x1b[0m", "RTX 4090"),
        ("\x1b[2J\x1b[1;1Hgone", "gone"),
        ("\x1b]0;title\x07name", "name"),
        ("\x1b]8;;http://evil/\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]52;c;cm0gLXJm\x07clip", "clip"),
        ("\x9b31mred\x9d0;t\x9cx", "redx"),
        ("\x1bP1$r0m\x1b\\dcs", "dcs"),
        ("\x1b]0;never ended\nnext", "\nnext"),
        ("\x1b(0lqk\x1b(B", "lqk"),
        ("\x1bcreset\x1b7\x1b8\x1b=", "reset"),
        ("\x1b", ""),
        ("\x1b[", ""),
        ("\x1b\x1b[31mtwice", "twice"),
        ("bell\a back\b\b nul\0 del\x7f", "bell back nul del"),
        ("10 %\r50 %\r", "50 %"),
        ("a\r\nb\rc\n", "a\nc\n"),
        ("a\vb\fc\x85d\u2028e", "a\nb\nc\nd\ne"),
        ("tab\tstays", "tab\tstays"),
        ("\u202egnp.exe\u202c \u2066x\u2069\u200f", "gnp.exe x"),
        ("zero\u200bwidth\ufeff soft\u00ad", "zerowidth soft"),
        ("tag\U000e0041", "tag"),
        ("half \ud83d", "half \ufffd"),
        ("恒源云 café 👩\u200d💻", "恒源云 café 👩\u200d💻"),
    ],
)
def test_only_characters_that_stand_still_are_left(said, seen):
    assert plain(said) == seen


@given(st.text(st.characters() | st.sampled_from("\x1b\x9b\x9d[]mJ;\x07\\\r\n\u202e")))
def test_of_any_text_no_control_character_is_left(text):
    seen = plain(text)
    assert [one for one in seen if unicodedata.category(one) in ("Cc", "Cs") and one not in "\n\t"] == []
    assert plain(seen) == seen


def test_a_secret_that_escapes_were_put_into_is_masked():
    remember("canary-2")
    assert shown("can\x1b[0mary-2") == "***"
    assert in_one_line("first\n  canary-2\r\n") == "first ***"


def test_a_secret_that_holds_a_control_character_is_masked():
    remember("canary\x01-2")
    assert shown("it is canary\x01-2") == "it is ***"


def test_what_can_be_written_stays_as_it_is():
    assert whole("a\ud800b") == "a\ufffdb"
