"""A wait for a condition, with a bound."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, sleep
from typing import TypeVar

T = TypeVar("T")


def awaited(asks: Callable[[], T], seconds: float = 30, pause: float = 0.1, why: object = "") -> T:
    """The first answer that is true. Fails with `why` after `seconds`."""
    until = monotonic() + seconds
    while not (found := asks()):
        assert monotonic() < until, why
        sleep(pause)
    return found
