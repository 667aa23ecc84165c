"""Facts and checks in one exec: the facts are there at once, the checks are answered while those are worked on."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence

import gevent
from gevent.event import Event

from gpustrap.engine import batch
from gpustrap.engine.wire import Wire
from gpustrap.errors import InstanceFailed

# An answer that is older says nothing of now any more.
FRESH_SECONDS = 10


class Checked:
    """Checks that were answered, as `batch.parse` reads them."""

    def __init__(self, checks: Sequence[str], output: bytes):
        self._checks, self._output, self._ended = tuple(checks), output, time.monotonic()

    def wait(self) -> None:
        """They are there already."""

    end = wait

    def checks(self) -> dict[str, batch.Answer]:
        """Check → answer, of those that were answered just now."""
        if time.monotonic() - self._ended > FRESH_SECONDS:
            return {}
        try:
            answers = batch.parse(self._output, len(self._checks))
        except batch.BadFrame:
            return {}
        return {check: answer for check, answer in zip(self._checks, answers, strict=True) if answer}


class Behind:
    """One exec that asks `facts` and then `checks`. Whatever becomes of the checks, the facts are not lost."""

    def __init__(self, wire: Wire, facts: Sequence[str], checks: Sequence[str], seconds: float):
        self._checks = tuple(checks)
        mark = f"gpustrap-{secrets.token_hex(8)}"
        self._between = f"\n{mark}\n".encode()  # facts and checks
        self._output = b""
        self._failed: InstanceFailed | None = None
        self._facts_there = Event()
        self._checked = Checked((), b"")
        text = f"(\n{batch.script(facts)}\n)\nprintf '\\n%s\\n' {mark}\n{batch.bounded(checks)}"
        self._running = gevent.spawn(self._run, wire, text, seconds + batch.CHECK_SECONDS)

    def _run(self, wire: Wire, text: str, seconds: float) -> None:
        try:
            wire.run(text, seconds=seconds, on_data=self._take)
        except InstanceFailed as failure:
            self._failed = failure
        finally:
            self._checked = Checked(self._checks, self._output.partition(self._between)[2])
            self._facts_there.set()

    def _take(self, data: bytes) -> None:
        self._output += data
        if not self._facts_there.is_set() and self._between in self._output:
            self._facts_there.set()

    def facts(self) -> bytes:
        """What the facts gave, framed as `batch.parse` reads it. Raises InstanceFailed where it did not come."""
        self._facts_there.wait()
        facts, mark, _ = self._output.partition(self._between)
        if not mark and self._failed:
            raise self._failed
        return facts

    def wait(self) -> None:
        """Until the exec has ended."""
        self._running.join()

    def end(self) -> None:
        """Give the checks up."""
        self._running.kill()

    def checks(self) -> dict[str, batch.Answer]:
        """Check → answer, of those that were answered just now."""
        self.wait()
        return self._checked.checks()
