"""One stream that holds many answers, one after the other, each between marks of its own. Pure."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from gpustrap.engine.frame import Frame


class Frames:
    """Takes one stream as it comes. `inside` gets the number of an answer and its bytes, `ended` its exit status.

    The marks of answer 3 are those of `MARK.3`. What stands between the answers is dropped.
    """

    def __init__(
        self, mark: str, most: int, inside: Callable[[int, bytes], None], ended: Callable[[int, int], None]
    ) -> None:
        self._mark, self._most, self._inside, self._ended = mark, most, inside, ended
        self._at = 0
        self._frame = self._new()

    @property
    def begun(self) -> int:
        """How many answers were begun."""
        return self._at + self._frame.begun

    def feed(self, data: bytes) -> None:
        """Take the next piece. Raises TooMuch where one answer is longer than `most` bytes."""
        self._frame.feed(data)
        while (status := self._frame.status) is not None:
            ended, rest = self._at, self._frame.rest
            self._at += 1
            self._frame = self._new()
            self._ended(ended, status)
            self._frame.feed(rest)

    def _new(self) -> Frame:
        return Frame(f"{self._mark}.{self._at}", self._most, partial(self._inside, self._at))
