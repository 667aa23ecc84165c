"""The forms of file that `merge` knows.

A document of one (`Ini`, `Toml`, `Yaml`) is made of a text, and has `get`, `has`, `set` and `remove` for a dotted
key, `text` and `data`. Its library takes a tenth of a second to load, so it does that when it is made.
"""

from __future__ import annotations

from typing import Literal

Form = Literal["ini", "toml", "yaml"]


class Unreadable(ValueError):
    """A text that is not of its form. `line` counts from 1, None where the library does not say."""

    def __init__(self, words: str, line: int | None):
        super().__init__(words)
        self.words, self.line = words, line
