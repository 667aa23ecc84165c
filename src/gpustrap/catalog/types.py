"""Field types that tables share: a version is text ("12.8") in a file and a tuple of ints here."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import BeforeValidator


def numbers(text: object) -> object:
    """`"12.8"` → `(12, 8)`. What is not digits and dots is handed on, for pydantic to refuse."""
    if not isinstance(text, str):
        return text
    parts = text.split(".")
    return tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else text


Numbers: TypeAlias = Annotated[tuple[int, ...], BeforeValidator(numbers)]
Pair: TypeAlias = Annotated[tuple[int, int], BeforeValidator(numbers)]
