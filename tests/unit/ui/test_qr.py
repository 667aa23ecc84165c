from __future__ import annotations

import pytest
import segno

from gpustrap.ui.qr import is_for_others, qr

URL = "http://i-1.gpushare.com:28080"
LIGHT = {"█": (True, True), "▀": (True, False), "▄": (False, True), " ": (False, False)}


def test_what_is_drawn_is_the_code_with_light_modules_in_the_terminals_colour():
    lines = qr(URL, 80)
    drawn = [[LIGHT[sign][half] for sign in line] for line in lines for half in (0, 1)]
    wanted = [[not dark for dark in row] for row in segno.make(URL, error="l", micro=False).matrix_iter(border=2)]
    assert drawn[: len(wanted)] == wanted
    assert not any(any(row) for row in drawn[len(wanted) :])


@pytest.mark.parametrize(("columns", "drawn"), [(29, True), (28, False)])
def test_one_that_is_too_wide_is_not_drawn(columns, drawn):
    assert bool(qr(URL, columns)) is drawn


@pytest.mark.parametrize(
    ("url", "reached"),
    [
        (URL, True),
        ("http://203.0.113.7:8080", True),
        ("http://127.0.0.1:24000", False),
        ("http://localhost:1", False),
        ("http://[::1]:1", False),
    ],
)
def test_only_what_others_reach_is_for_a_telephone(url, reached):
    assert is_for_others(url) is reached
