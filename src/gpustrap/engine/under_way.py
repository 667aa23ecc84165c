"""A request of several changes while the instance works on it: each answer is there as soon as it has ended."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import gevent
from gevent.queue import SimpleQueue

from gpustrap.engine.batch import Answer
from gpustrap.engine.changes import Request
from gpustrap.engine.frames import Frames
from gpustrap.engine.lines import Lines
from gpustrap.engine.wire import MOST_BYTES, Wire
from gpustrap.errors import InstanceFailed
from gpustrap.language import tr


class NotBegun(Exception):
    """The instance has not begun with it, as where no folder can be written: it may be asked in another way."""


class UnderWay:
    """One request at work. Nobody else may use the wire until it was awaited."""

    def __init__(self, wire: Wire, request: Request, mark: str):
        self.request = request
        self._heard: list[SimpleQueue[tuple[int, bytes | None, int]]] = [SimpleQueue() for _ in request.answers]
        self._frames = [Frames(mark, MOST_BYTES, partial(self._say, side), partial(self._end, side)) for side in (0, 1)]
        self._failed: Exception | None = None
        feeds = (self._frames[0].feed, self._frames[1].feed)
        self._work = gevent.spawn(self._run, partial(wire.run, request.script, stdin=request.stdin, takers=feeds))

    def answer(self, at: int, on_line: Callable[[str], None] | None = None) -> Answer:
        """The answer `at`, which is waited for; meanwhile `on_line` hears each line that it prints.

        Raises NotBegun, and InstanceFailed as `Wire.run` does.
        """
        data: tuple[list[bytes], list[bytes]] = ([], [])
        hear, ends = Lines(on_line) if on_line else None, dict[int, int]()
        while len(ends) < len(data):
            side, piece, ended = self._heard[at].get()
            if side < 0:
                self._heard[at].put((-1, None, 0))  # who asks again is told again
                if 0 in ends:  # stderr leads nowhere there
                    break
                raise self._why(at)
            if piece is None:
                ends[side] = ended
                continue
            data[side].append(piece)
            if hear is not None:
                hear.take(piece)
        return Answer(ends[0], b"".join(data[0]), b"".join(data[1]))

    def awaited(self) -> None:
        """Wait until the instance has done what it was asked for, and the wire is free."""
        self._work.join()

    def end(self) -> None:
        """Leave it: the person, or a failure, has ended the run."""
        self._work.kill()

    def _run(self, work: Callable[[], Answer]) -> None:
        try:
            work()
        except Exception as error:
            self._failed = error
        finally:
            for heard in self._heard:
                heard.put((-1, None, 0))

    def _say(self, side: int, at: int, data: bytes) -> None:
        self._heard[at].put((side, data, 0))

    def _end(self, side: int, at: int, status: int) -> None:
        self._heard[at].put((side, None, status))

    def _why(self, at: int) -> Exception:
        if self._failed is not None:
            return self._failed
        if max(frames.begun for frames in self._frames) <= at:
            return NotBegun()
        return InstanceFailed(tr("the shell that ran a command was ended from outside"))
