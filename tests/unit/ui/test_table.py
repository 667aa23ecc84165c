from __future__ import annotations

import pytest
from rich.cells import cell_len

from gpustrap.inventory.masking import remember
from gpustrap.ui import table
from gpustrap.ui.table import aligned, wrapped

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


CARDS = [
    ("RTX 4090", "Ada 8.9", "24", "PCIe", "11.8 to 13.2"),
    ("A100", "Ampere 8.0", "80/40", "NVLink 300 by bridge", "none"),
]
HEADS = ("card", "architecture", "VRAM GiB", "link", "CUDA")


@pytest.mark.parametrize("width", [24, 30, 40, 60, 80, 200])
def test_no_word_is_broken_and_nothing_is_lost(width):
    shown = aligned(CARDS, HEADS, width=width)
    assert max(map(cell_len, shown.splitlines())) <= width
    words = shown.split()
    for cell in (cell for row in CARDS for cell in row):
        assert all(word in words for word in cell.split()), shown


def test_a_table_without_room_for_its_words_is_a_list():
    assert aligned(CARDS[:1], HEADS, width=30) == (
        "RTX 4090\n  architecture  Ada 8.9\n  VRAM GiB      24\n  link          PCIe\n  CUDA          11.8 to 13.2"
    )


@pytest.mark.parametrize("width", [10, 20])
def test_a_word_that_is_too_long_alone_is_broken(width):
    url = "https://mirror.invalid/a/very/long/path"
    shown = aligned([("url", url)], width=width)
    assert max(map(cell_len, shown.splitlines())) <= width
    assert "".join("".join(shown.split()).removeprefix("url").split()) == url


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (100, "why:\n  the wheel is built for x86_64"),
        (20, "why:\n  the wheel is\n    built for x86_64"),
        (9, "why:\n  the\n    wheel\n    is\n    built\n    for\n    x86_6\n    4"),
    ],
)
def test_a_line_goes_on_further_in(monkeypatch, width, shown):
    monkeypatch.setattr(table, "_width", lambda: width)
    assert wrapped("why:\n  the wheel is built for x86_64") == shown
