"""Text broken into lines: between words, and between Chinese characters, but in no word that fits a line.

A word that is too long for a line, as a path or an address may be, is broken behind a slash, and only where one part is
still too long inside of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# What closes stays with what stands before it, what opens with what follows (W3C's clreq, 3.1.3).
_CLOSES = "，。：；！？、）》」』”’…·％"
_OPENS = "（《「『“‘"
_WORDS = re.compile(rf"\s+|[{_OPENS}]*(?:[!-~\u00a1-\u02ff…–—→≥×]+|\S)[{_CLOSES}]*", re.ASCII)


def broken(text: str, width: int) -> list[str]:
    """The lines of one line of text, each at most `width` columns wide, without spaces at their ends."""
    lines, line = [], ""
    for word in _fitting(text, width):
        if cells(line + word.rstrip()) > width:  # an indentation that leaves no room for the word goes
            lines += [line.rstrip()] if line.strip() else []
            line = ""
        line = line + word if line or not word.isspace() or not lines else ""
    return [*lines, line.rstrip()]


def cells(text: str) -> int:
    """The columns that it takes on a terminal."""
    from rich.cells import cell_len

    return cell_len(text)


def _fitting(text: str, width: int) -> Iterator[str]:
    """The words and the spaces between them; of a word that is too long the parts."""
    for word in _WORDS.findall(text):
        if cells(word) <= width or word.isspace():
            yield word
        else:
            yield from _parts(word, width)


def _parts(word: str, width: int) -> Iterator[str]:
    for part in re.findall(r"\w+://[^/]*/*|[^/]*/+|[^/]+", word):
        piece = ""
        for one in part:
            if cells(piece + one) > width:
                yield piece
                piece = ""
            piece += one
        yield piece
