"""Markdown that reads well as plain text too: the columns of a table are aligned, paragraphs are wrapped."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence

WIDTH = 120  # columns of a paragraph; a table is as wide as it has to be
SPECIAL = re.compile(r"<(?=[A-Za-z/!?])|\*|(?<!\w)_")  # what a viewer would take for markup


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose columns but the last are padded. Cells are Markdown: see `text` and `code`."""
    from rich.cells import cell_len

    lines = [[cell.replace("|", r"\|") for cell in line] for line in (heads, *rows)]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)][:-1]
    lines.insert(1, ["-" * width for width in [*widths, len(heads[-1])]])
    return "\n".join(
        _line(line, [width - cell_len(cell) for cell, width in zip(line, widths, strict=False)]) for line in lines
    )


def _line(cells: Sequence[str], missing: Sequence[int]) -> str:
    """One line of a table; each cell but the last gets the spaces that it lacks."""
    padded = [cell + " " * spaces for cell, spaces in zip(cells, [*missing, 0], strict=True)]
    return f"| {' | '.join(padded)} |"


def code(value: str) -> str:
    """`value` as it is typed. A backtick in it needs two around it."""
    return f"`` {value} ``" if "`" in value else f"`{value}`"


def codes(values: Iterable[str]) -> str:
    """Each value as it is typed, with commas between; a dash if there are none."""
    return ", ".join(map(code, values)) or "–"


def text(words: str) -> str:
    """`words` with everything escaped that would be markup, except what stands between backticks."""
    parts = re.split("(`[^`]*`)", words)
    return "".join(part if part.startswith("`") else SPECIAL.sub(r"\\\g<0>", part) for part in parts)


def paragraphs(words: str) -> str:
    """`words` escaped as `text` does it, each paragraph in lines of at most 120 columns."""
    parts = (textwrap.fill(part, WIDTH, break_on_hyphens=False, break_long_words=False) for part in words.split("\n\n"))
    return "\n\n".join(map(text, parts))


def listing(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def page(*parts: str) -> str:
    """A page made of the parts that are not empty, with a blank line between them."""
    return "\n\n".join(part for part in parts if part) + "\n"


def anchor(heading: str) -> str:
    """The name under which GitHub and most viewers reach a heading: `services: Service` → `services-service`."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
