"""Stands for typeguard while pyinfra is imported, and asks it only about what is not plain.

pyinfra checks the types of host data and of an operation's arguments by it. To import it takes a tenth of an unchanged
run's own time, since it brings unittest.mock and asyncio, and what is checked is nearly always a str, int or bool.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

PLAIN = (str, int, bool, bytes, dict, list)


class TypeCheckError(Exception):
    """The value is not of the type; typeguard's own words."""


def check_type(value: Any, expected_type: Any) -> Any:
    """The value, where it is of the type. Raises TypeCheckError."""
    if type(value) is expected_type or (expected_type in PLAIN and isinstance(value, expected_type)):
        return value
    import typeguard

    try:
        return typeguard.check_type(value, expected_type)
    except typeguard.TypeCheckError as error:
        raise TypeCheckError(str(error)) from error


@contextmanager
def instead_of_typeguard() -> Iterator[None]:
    """What is imported inside takes these for typeguard's, unless that is there already."""
    if "typeguard" in sys.modules:
        yield
        return
    stand_in = ModuleType("typeguard")
    vars(stand_in).update(check_type=check_type, TypeCheckError=TypeCheckError)
    sys.modules["typeguard"] = stand_in
    try:
        yield
    finally:
        del sys.modules["typeguard"]
