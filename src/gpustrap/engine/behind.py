"""Facts and checks in one exec: the facts are there at once, the checks are answered while those are worked on."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence

import gevent
from gevent.event import Event

from gpustrap.engine import batch, exhausted
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

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() - self._ended <= FRESH_SECONDS

    def checks(self) -> dict[str, batch.Answer]:
        """Check → answer, of those that were answered just now."""
        if not self.is_fresh:
            return {}
        try:
            answers = batch.parse(self._output, len(self._checks))
        except batch.BadFrame:
            return {}
        pairs = zip(self._checks, answers, strict=True)
        return {check: answer for check, answer in pairs if answer and exhausted.is_sound(answer)}


class Behind:
    """One exec that asks `facts` and then `checks`. Whatever becomes of the checks, the facts are not lost.

    A check that is one of the facts, in the same words, is not asked a second time: nothing changed between them.
    """

    def __init__(self, wire: Wire, facts: Sequence[str], checks: Sequence[str], seconds: float):
        asked = [batch.unwrapped(fact) for fact in facts]
        self._count = len(asked)
        self._same = {check: asked.index(check) for check in checks if check in asked}
        self._checks = tuple(check for check in checks if check not in self._same)
        mark = f"gpustrap-{secrets.token_hex(8)}"
        self._between = f"\n{mark}\n".encode()  # facts and checks
        self._output = b""
        self._failed: InstanceFailed | None = None
        self._facts_there = Event()
        self._checked = Checked((), b"")
        text = f"(\n{batch.script(facts)}\n)\nprintf '\\n%s\\n' {mark}\n"
        text += batch.bounded(self._checks) if self._checks else ""
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
        return {**self._known(), **self._checked.checks()} if self._checked.is_fresh else {}

    def _known(self) -> dict[str, batch.Answer]:
        """What the facts tell of the checks."""
        try:
            answers = batch.parse(self._output.partition(self._between)[0], self._count)
        except batch.BadFrame:
            return {}
        return {check: answer for check, number in self._same.items() if (answer := answers[number])}
