"""The operations of one host while they are run: as many as can be foreseen travel in one request."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import takewhile

from pyinfra.api.host import Host
from pyinfra.api.state import State

from gpustrap.engine import batch, changes
from gpustrap.engine.ahead import Foreseen, Foresight
from gpustrap.engine.behind import Checked
from gpustrap.engine.changes import Check, Command, Look, Run
from gpustrap.engine.connector import ANSWER_SECONDS, ReplayConnector
from gpustrap.engine.under_way import NotBegun, UnderWay
from gpustrap.engine.wire import within
from gpustrap.errors import InstanceFailed


@dataclass(frozen=True)
class Opening:
    """A script that stands before all changes. `hear`: each line of it; `judge` raises for an answer that is none."""

    text: str
    hear: Callable[[str], None]
    judge: Callable[[batch.Answer], None]


@dataclass(frozen=True)
class Proof:
    """`checks` are asked behind the last change, in its request. `waited` are hashes of operations: where one of them
    changes something, what comes of that is waited for first.
    """

    checks: tuple[str, ...] = ()
    waited: Collection[str] = ()

    def behind(self, foreseen: Sequence[Foreseen]) -> tuple[str, ...]:
        """What is asked behind these, which are the last ones."""
        still = {one.hash for one in foreseen if not one.commands}
        return self.checks if still.issuperset(self.waited) else ()


NO_PROOF = Proof()


class Advance:
    """Before each operation is run by pyinfra, sees to it that its answers and commands are on their way.

    Where nothing can be foreseen, or the instance cannot take many changes in one request, all is left to pyinfra.
    """

    def __init__(
        self,
        state: State,
        host: Host,
        connector: ReplayConnector,
        hashes: Sequence[str],
        proof: Proof,
        foresight: Foresight,
    ):
        self._connector, self._hashes, self._proof = connector, hashes, proof
        self._foresight = foresight
        self._data = {one: state.get_op_data_for_host(host, one) for one in hashes}
        self._own = {one: data.command_generator for one, data in self._data.items()}
        self._works = connector.replays
        self._first = self._until = 0  # the operations that were looked at, and are under way where any changes
        self._passed_over: set[str] = set()
        self._under_way: UnderWay | None = None
        self._next = 0  # of the request's answers

    def open(self, opening: Opening) -> None:
        """Run it, on the way to the first operations where they can be foreseen. All answers from before may be old."""
        self._begin(0, opening)
        answer = None
        if self._under_way is not None:
            self._next = 1
            with suppress(NotBegun):
                answer = self._under_way.answer(0, opening.hear)
        if answer is None:
            self._works = self._works and self._under_way is None
            self._done()
            self._until = 0
            answer = self._connector.change(opening.text, on_line=opening.hear)
        opening.judge(answer)

    def before(self, at: int) -> None:
        """Operation `at` is the next one. Raises InstanceFailed as the wire does."""
        if at >= self._until or not self._still_follows(at):
            self._done()
            self._begin(at)

    def pass_over(self, hashes: Iterable[str]) -> None:
        """An operation has failed, and with it what was on its way. These are not run any more, others are."""
        self.end()
        self._until = 0
        self._passed_over.update(hashes)

    def finish(self) -> None:
        """All is through. What was asked behind it is kept: nothing has been changed since."""
        under_way = self._under_way
        if under_way is None or not isinstance((*under_way.request.answers, None)[self._next], Look):
            return
        answer = None
        with suppress(NotBegun, InstanceFailed):  # whoever proves asks again
            answer = under_way.answer(self._next)
        self._done()
        if answer is not None:
            self._connector.behind = Checked(self._proof.checks, answer.stdout)

    def end(self) -> None:
        """Nothing more is run: all is through, or something has failed."""
        if self._under_way is not None and self._next < len(self._under_way.request.answers):
            self._under_way.end()
        self._done()

    def _begin(self, at: int, opening: Opening | None = None) -> None:
        hashes = takewhile(lambda one: one not in self._passed_over, self._hashes[at:])
        foreseen = [*self._foresight.of([*hashes])] if self._works else []
        self._first, self._until = at, at + max(1, len(foreseen))
        for one in foreseen:
            self._data[one.hash].command_generator = partial(iter, one.commands)
        if any(one.commands for one in foreseen):
            self._send(foreseen, None if opening is None else Command(opening.text))

    def _send(self, foreseen: Sequence[Foreseen], opening: Command | None) -> None:
        mark = f"gpustrap-{secrets.token_hex(8)}"
        checks = self._proof.behind(foreseen) if self._until == len(self._hashes) else ()
        request = changes.request([one.step for one in foreseen], self._connector.answers, mark, opening, checks)
        for one in foreseen:
            self._connector.uploads += sum(bool(command.stdin) for command in one.step.commands)
        self._connector.forget()
        self._connector.execs += 1
        self._next, self._under_way = 0, UnderWay(self._connector.wire, request, mark)
        self._connector.next_answer = self._answer

    def _still_follows(self, at: int) -> bool:
        """Whether what was foreseen for it holds. Where it does not, what the instance has told instead is known."""
        if self._under_way is None or self._next >= len(self._under_way.request.answers):
            return True
        check = self._under_way.request.answers[self._next]
        if not isinstance(check, Check) or check.first != at - self._first:
            return True
        try:
            with within(ANSWER_SECONDS):
                answer = self._under_way.answer(self._next)
            self._next += 1
            told = {} if answer.status == 0 else self._told(check, answer)
        except (NotBegun, batch.BadFrame):
            self._works, told, answer = False, {}, None
        if answer is not None and answer.status == 0:
            return True
        self._done()
        self._connector.answers.update(told)
        return False

    def _told(self, check: Check, answer: batch.Answer) -> dict[str, batch.Answer]:
        assert self._under_way is not None
        answers = batch.parse(answer.stdout, len(check.numbers), check.numbers)
        questions = self._under_way.request.questions
        return {questions[one]: its for one, its in zip(check.numbers, answers, strict=True) if its}

    def _answer(self) -> batch.Answer | None:
        """What the next command gave, once it has ended."""
        assert self._under_way is not None
        assert isinstance(self._under_way.request.answers[self._next], Run)
        try:
            answer = self._under_way.answer(self._next, self._connector.on_line)
        except NotBegun:
            self._works = False
            self._done()
            return None
        self._next += 1
        return answer

    def _done(self) -> None:
        """What was asked before a change counts no more, and pyinfra asks each operation again what it does."""
        for one, data in self._data.items():
            data.command_generator = self._own[one]
        if self._under_way is None:
            return
        self._under_way.awaited()
        self._under_way = None
        self._connector.next_answer = lambda: None
        self._connector.forget()
