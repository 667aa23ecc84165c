"""One stream of an answer taken apart: only what stands between two marks is the answer.

A box prints more than it was asked: rc files that ssh's shell reads, banners, `trap … EXIT`. The marks hold a
random word, so that nothing on the box can print them by chance or on purpose. Pure.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable

from gpustrap.language import tr

MOST_NOISE = 2000  # bytes of what stands outside that are kept, for a sentence about it


# A start-up file may have closed stderr, or sent it where stdout goes (`exec 2>&1`, `exec > >(tee log) 2>&1`): the
# answer is then that of stdout alone.
STREAMS = "[ -e /proc/self/fd/2 ] && ! [ /proc/self/fd/1 -ef /proc/self/fd/2 ] || exec 2>/dev/null"

ERRORS = "-errors"  # behind the mark on stderr, so that the two are told apart where a start-up file has swapped them


class TooMuch(ValueError):
    """The answer is longer than what is taken."""


def framed(command: str, mark: str) -> str:
    """A shell script that runs `command` in a shell of its own and prints marks around both outputs.

    Its own stdin is the command's; the end mark on stdout carries the exit status.
    """
    word, errors = shlex.quote(mark), shlex.quote(mark + ERRORS)
    return (
        f"{STREAMS}\n"
        f"printf '%s begin\\n' {word}; printf '%s begin\\n' {errors} >&2\n"
        f"(\n{command}\n)\n"
        f"s=$?; printf '%s end %s\\n' {word} $s; printf '%s end %s\\n' {errors} $s >&2; exit $s\n"
    )


class Frame:
    """Takes one stream as it comes, in pieces of any size. `inside` gets the bytes between the marks."""

    def __init__(self, mark: str, most: int, inside: Callable[[bytes], None]):
        self._begin = f"{mark} begin\n".encode()
        self._end = re.compile(re.escape(mark.encode()) + rb" end (\d+)\n")
        self._end_begins = f"{mark} end ".encode()
        self._held_back = len(mark) + len(" end 4294967295\n")
        self._most = most
        self._inside = inside
        self._buffer = b""
        self._taken = 0
        self.noise = b""  # what stood before the first mark, cut
        self.begun = False
        self.status: int | None = None  # the exit status, once the end mark was seen
        self.rest = b""  # what came behind the end mark in the same piece

    def feed(self, data: bytes) -> None:
        """Take the next piece. Raises TooMuch."""
        if self.status is not None:
            return  # printed after the end: a shell's `trap … EXIT`
        self._buffer += data
        if not self.begun:
            self._look_for_begin()
        if not self.begun:
            return
        found = self._end.search(self._buffer)
        if found:
            self.status = int(found[1])
            self._take(self._buffer[: found.start()])
            self.rest, self._buffer = self._buffer[found.end() :], b""
        else:
            at = self._may_be_the_end()
            self._take(self._buffer[:at])
            self._buffer = self._buffer[at:]

    def _may_be_the_end(self) -> int:
        """Where what may become the end mark begins; all before it is the answer's, and is not kept waiting."""
        at = max(0, len(self._buffer) - self._held_back)
        while (at := self._buffer.find(self._end_begins[:1], at)) >= 0:
            piece = self._buffer[at : at + len(self._end_begins)]
            if self._end_begins.startswith(piece):
                return at
            at += 1
        return len(self._buffer)

    def _look_for_begin(self) -> None:
        before, mark, after = self._buffer.partition(self._begin)
        if not mark:
            keep = len(self._begin)
            self.noise = (self.noise + self._buffer[:-keep])[:MOST_NOISE]
            self._buffer = self._buffer[-keep:]
            return
        self.noise = (self.noise + before)[:MOST_NOISE]
        self._buffer, self.begun = after, True

    def close(self) -> None:
        """The stream has ended: what is held back without an end mark is noise, or a part of the answer."""
        if self.begun:
            self._take(self._buffer)
        else:
            self.noise = (self.noise + self._buffer)[:MOST_NOISE]
        self._buffer = b""

    def _take(self, data: bytes) -> None:
        self._taken += len(data)
        if self._taken > self._most:
            raise TooMuch(tr("more than {most} bytes", most=self._most))
        if data:
            self._inside(data)
