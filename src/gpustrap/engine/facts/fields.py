"""Fields of what a box says → values. It may say anything: what is read is bounded and cannot steer a terminal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# More than any field of ours needs, less than would fill a screen.
MOST_CHARACTERS = 100_000
MOST_NUMBER = 2**63


def clean(text: str) -> str:
    """`text` without what could steer a terminal: control characters, and those that turn its direction round."""
    return "".join(
        each for each in text[:MOST_CHARACTERS] if unicodedata.category(each) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
    )


def number(text: str) -> int | None:
    """A whole number as a box can have one; None for anything else."""
    text = text.strip()
    if not re.fullmatch(r"[0-9]{1,19}", text):
        return None
    return value if (value := int(text)) < MOST_NUMBER else None


def distinct(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def version_of(text: str) -> tuple[int, ...] | None:
    parts = [number(part) for part in text.split(".")]
    return tuple(part for part in parts if part is not None) if None not in parts else None
