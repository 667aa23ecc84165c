from __future__ import annotations

import pytest
from rich.cells import cell_len

from gpustrap.inventory.masking import remember
from gpustrap.ui.table import aligned

ROWS = [("box", "a container"), ("provider", "恒源云 is known by its gateway and by a folder")]


def test_columns_are_as_wide_as_their_widest_cell():
    assert aligned([("a", "bb", "c"), ("aaa", "b", "ccc")]) == "a    bb  c\naaa  b   ccc"


def test_heads_stand_above_their_columns():
    assert aligned([("恒源云", "x")], ("name", "state")) == "name    state\n恒源云  x"


def test_without_a_terminal_a_row_is_one_line_of_any_length():
    assert aligned([("a", "long " * 500 + "end")]) == "a  " + "long " * 500 + "end"


@pytest.mark.parametrize("width", [20, 30, 40])
def test_a_long_cell_goes_on_under_itself(width):
    lines = aligned(ROWS, width=width).splitlines()
    assert max(map(cell_len, lines)) <= width and len(lines) > len(ROWS)
    assert " ".join(line[:10] for line in lines).split() == [head for head, _ in ROWS]
    assert " ".join(line[10:] for line in lines).split() == " ".join(cell for _, cell in ROWS).split()


def test_a_cell_is_text_whatever_it_holds():
    remember("canary-3")
    assert aligned([("[red]a[/]", "\x1b[31mcanary-3\x1b[0m\nnext"), ()]) == "[red]a[/]  *** next\n"


def test_no_rows_are_no_text():
    assert aligned([]) == ""
