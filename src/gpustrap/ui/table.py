"""Rows in columns, for stdout: on a terminal they fit its width, elsewhere a row is one line."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Iterable, Sequence

from gpustrap.ui.plain import in_one_line

UNBOUNDED = 100_000  # columns: what a program reads is never wrapped
GAP = 2  # columns of space


def aligned(
    rows: Iterable[Sequence[str]], heads: Sequence[str] = (), *, gap: int = GAP, width: int | None = None
) -> str:
    """The rows, under their heads where there are any, in columns as wide as their widest cell, `gap` apart.

    A cell that is too long for `width` columns, those of stdout's terminal where none are given, goes on in the
    next line, under itself. Secrets are masked and what a terminal obeys is left out.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), show_header=bool(heads), header_style="")
    lines = [[Text(in_one_line(cell)) for cell in row] for row in rows]
    for head in heads or [""] * max(map(len, lines), default=0):
        table.add_column(Text(head), overflow="fold")
    for line in lines:
        table.add_row(*line)
    drawn = io.StringIO()
    Console(file=drawn, width=width or _width(), color_system=None, highlight=False, legacy_windows=False).print(table)
    return "\n".join(line.rstrip() for line in drawn.getvalue().splitlines())


def stderr_width() -> int:
    """The columns of a terminal on stderr; without bound where it is none."""
    return shutil.get_terminal_size().columns if sys.stderr.isatty() else UNBOUNDED


def _width() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else UNBOUNDED
