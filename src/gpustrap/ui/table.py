"""Rows in columns, for stdout: on a terminal they fit its width, elsewhere a row is one line."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from gpustrap.ui.plain import in_one_line
from gpustrap.ui.wrapping import broken, cells

UNBOUNDED = 100_000  # columns: what a program reads is never wrapped
GAP = 2  # columns of space
LONG_WORD = 24  # columns: a longer one, such as an address, may be broken


def aligned(
    rows: Iterable[Sequence[str]], heads: Sequence[str] = (), *, gap: int = GAP, width: int | None = None
) -> str:
    """The rows, under their heads where there are any, in columns as wide as their widest cell, `gap` apart.

    A cell that is too long for `width` columns, those of stdout's terminal where none are given, goes on in the
    next line, under itself. A word is broken only where it alone is too long. Where a table with heads has no room
    even for its longest words, each row becomes lines of its own, `head  cell` below the first cell.
    Secrets are masked and what a terminal obeys is left out.
    """
    lines = [[in_one_line(cell) for cell in row] for row in rows]
    columns = list(zip_longest(*([heads] if heads else []), *lines, fillvalue=""))
    room = (width or _width()) - gap * (len(columns) - 1)
    least = [min(max(map(_longest_word, column)), LONG_WORD) for column in columns]
    if heads and lines and sum(least) > room:
        return _stacked(lines, heads, gap, width or _width())
    return _drawn(lines, heads, gap, _widths([max(map(cells, column)) for column in columns], least, room))


def _widths(widths: list[int], least: Sequence[int], room: int) -> list[int]:
    """The widest column gives way first, each as far as to its longest word; then to the room that there is."""
    while sum(widths) > room and (wide := [at for at, width in enumerate(widths) if width > least[at]]):
        widths[max(wide, key=lambda at: widths[at])] -= 1
    while sum(widths) > room and max(widths) > 1:
        widths[widths.index(max(widths))] -= 1
    return widths


def _drawn(lines: list[list[str]], heads: Sequence[str], gap: int, widths: Sequence[int]) -> str:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), show_header=bool(heads), header_style="")
    for head, width in zip_longest(heads, widths, fillvalue=""):
        table.add_column(Text(str(head)), overflow="fold", width=int(width or 1))
    for line in lines:
        fitting = zip_longest(line, widths[: len(line)], fillvalue=1)
        table.add_row(*(Text("\n".join(broken(str(cell), int(width or 1)))) for cell, width in fitting))
    drawn = io.StringIO()
    total = sum(widths) + gap * len(widths)
    Console(file=drawn, width=max(total, 1), color_system=None, highlight=False, legacy_windows=False).print(table)
    return "\n".join(line.rstrip() for line in drawn.getvalue().splitlines())


def _stacked(lines: list[list[str]], heads: Sequence[str], gap: int, width: int) -> str:
    blocks = []
    for first, *rest in lines:
        cells = [(f"{' ' * gap}{head}", cell) for head, cell in zip(heads[1:], rest, strict=False) if cell]
        blocks += [first, *([aligned(cells, gap=gap, width=width)] if cells else [])]
    return "\n".join(blocks)


def _longest_word(text: str) -> int:
    """Chinese has no spaces between words: a text of it may be broken anywhere."""
    return max((cells(word) for word in text.split() if word.isascii()), default=1)


def wrapped(text: str, width: int | None = None) -> str:
    """Lines for a terminal of `width` columns, else for stdout: each is broken between words, and goes on a little
    further in. The spaces at its end stay."""
    width = _width() if width is None else width
    return "\n".join(_wrapped(line, width) for line in text.splitlines())


def _wrapped(line: str, width: int) -> str:
    if cells(line) <= width:
        return line
    indent = " " * (len(line) - len(line.lstrip()))
    room = max(width - len(indent) - GAP, 1)
    first, *rest = broken(line.strip(), room)
    lines = "\n".join([indent + first, *(f"{indent}  {more}" for more in rest)])
    return lines + " " * (len(line) - len(line.rstrip()))


def fitted(text: str) -> str:
    """`text` for stderr: on a terminal, lines that are broken between words."""
    return wrapped(text, stderr_width()) if sys.stderr.isatty() else text


def stderr_width() -> int:
    """The columns of a terminal on stderr; without bound where it is none."""
    return shutil.get_terminal_size().columns if sys.stderr.isatty() else UNBOUNDED


def _width() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else UNBOUNDED
