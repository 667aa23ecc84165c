"""Reads the tables of `data/`. A bad row fails the load: skipping it would hide it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gpustrap.language import tr

DATA = Path(__file__).parent / "data"


class CatalogError(Exception):
    """Rows that cannot be used. Its text names file, line and key, one fault a line."""


class Row(BaseModel):
    """What every row of every table has: where it is from, and the day that was read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = Field(min_length=1)
    read: date


AnyRow = TypeVar("AnyRow", bound=Row)


def read_rows(file: str, kind: type[AnyRow], folder: Path | None = None) -> tuple[AnyRow, ...]:
    """The rows of one `.jsonl` table in `folder` (by default `DATA`), in file order: one row a line.

    Raises CatalogError with every bad row of the file at once.
    """
    rows: list[AnyRow] = []
    faults: list[str] = []
    for line, fields in _numbered((folder or DATA) / file):
        try:
            rows.append(kind.model_validate(fields))
        except ValidationError as error:
            faults += [f"{file}:{line}: {_key(fault['loc'])}: {fault['msg']}" for fault in error.errors()]
    if faults:
        raise CatalogError("\n".join(faults))
    return tuple(rows)


def _numbered(path: Path) -> Iterator[tuple[int, object]]:
    """Each row with the number of its line."""
    for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        yield line, _json_row(path.name, line, text)


def _json_row(file: str, line: int, text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise CatalogError(tr("{file}:{line}: not JSON: {error}", file=file, line=line, error=error)) from error


def _key(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location)
