"""testinfra over the connection that is there already, with the last run's commands asked in one exec."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent
import pytest
from testinfra.backend.base import BaseBackend, CommandResult

from gpustrap.engine import questions
from gpustrap.engine.batch import COMMAND_SECONDS, Answer
from gpustrap.engine.behind import Checked
from gpustrap.engine.connector import ReplayConnector
from gpustrap.errors import InstanceFailed
from gpustrap.language import tr
from gpustrap.verify.verdict import Verdict


class CommandAnswer(CommandResult):  # type: ignore[misc]  # testinfra has no types
    """What a command gave; a failed assertion shows it to a person in these words."""

    @property
    def stdout(self) -> str:
        """As text; what is no UTF-8, as a start-up file may print it, is a mark of its own there."""
        return str(self.stdout_bytes.decode("utf-8", "replace"))

    @property
    def stderr(self) -> str:
        return str(self.stderr_bytes.decode("utf-8", "replace"))

    def __repr__(self) -> str:
        said = (self.stderr or self.stdout).strip()
        return f"`{self.command.decode()}` (exit {self.rc}{': ' if said else ''}{said})"


MOST_REHEARSED = questions.MOST_COMMANDS  # of one test, whose loop would not end on empty answers
NOTHING = Answer(0, b"", b"")
MOST_SHOWN = 120  # characters of a command in a sentence
QUIET_SECONDS = 8  # then it is said that an answer is waited for


def _cut(command: str) -> str:
    """The program that was asked and its words, without those that only read what it says."""
    line = " ".join(command.split()).partition(" | ")[0]
    return line if len(line) <= MOST_SHOWN else f"{line[:MOST_SHOWN]}…"


class SessionBackend(BaseBackend):  # type: ignore[misc]  # testinfra has no types
    """Runs testinfra's commands on one instance. Commands only look, so each is asked once a run.

    A test that asks one again waits for another answer, and gets it.
    """

    NAME = "gpustrap"

    def __init__(
        self,
        name: str,
        connector: ReplayConnector,
        remembered: Path | None,
        says: Callable[[str], None] = lambda _line: None,
    ):
        super().__init__(name)
        self._connector = connector
        self._remembered = remembered
        self._says = says
        self._late: set[str] = set()  # had all its time and gave no answer: it gets no second one
        self._answers: dict[str, Answer] = {}
        self._asked: dict[str, None] = {}
        self._of_test: set[str] | None = None  # what the test at work has asked; None between tests
        self.failed: InstanceFailed | None = None  # why it cannot be asked any more
        self.rehearsing = False  # hear what is asked; what is not known yet gets an empty answer
        self.missed = False  # a rehearsal asked what was not known
        self.with_changes = False  # answers came from an exec that was begun before the changes

    @property
    def encoding(self) -> str:
        return "utf-8"

    def rehearse(self, on: bool) -> None:
        """Whether what is not known is heard, to be asked in one exec, and not asked there and then."""
        self.rehearsing, self.missed = on and self._remembered is not None, False

    def prefetch(self) -> None:
        """Ask in one exec all that the last verification asked, or what the rehearsal heard and did not know.

        What was asked with the facts, and is still true, is not asked again.
        """
        commands = tuple(self._asked)
        if not commands and self._remembered:
            commands = questions.recall(self._remembered)
        self._asked.clear()
        known = self._connector.checked() if commands else {}
        self.with_changes = bool(known) and isinstance(self._connector.behind, Checked)
        self._answers.update({command: known[command] for command in commands if command in known})
        if rest := tuple(command for command in commands if command not in self._answers):
            self._ask(rest)

    def is_unsure(self, verdict: Verdict) -> bool:
        """Whether a rehearsal that ended so tells nothing of what was asked."""
        return self.rehearsing and (self.missed or bool(verdict.broken))

    def ask_rest(self) -> None:
        """Ask in one exec what the rehearsal heard: what it did not know, or all of it behind changes.

        A variable that an ssh command has is of the exec's own shell, which read the start-up files before they were
        changed.
        """
        if self.with_changes:
            self._connector.forget()
            self._answers.clear()
        self.prefetch()

    def _ask(self, commands: tuple[str, ...]) -> None:
        """Ask the instance; one that cannot be asked is not asked again, and the others' proof goes on."""
        commands = tuple(command for command in commands if command not in self._late)
        if self.failed is not None or not commands:
            return
        waits = gevent.spawn_later(QUIET_SECONDS, self._say_waiting, commands)
        try:
            answers = self._connector.ask(commands)
            self._answers.update(answers)
            if answers or len(commands) == 1:  # of many that all lack one, the box could not keep them
                self._late.update(set(commands) - set(answers))
        except InstanceFailed as failure:
            self.failed = failure
        finally:
            waits.kill()

    def _say_waiting(self, commands: tuple[str, ...]) -> None:
        most = tr("{seconds} s at most", seconds=COMMAND_SECONDS)
        if len(commands) == 1:
            self._says(tr("waits for the answer to `{command}`, {most}", command=_cut(commands[0]), most=most))
        else:
            self._says(
                tr("waits for the answers to {count} questions of the proof, {most}", count=len(commands), most=most)
            )

    def begin_test(self) -> None:
        """Another test begins: what it asks for the first time may be known already."""
        self._of_test = set()

    def end_test(self) -> None:
        """Whoever looks at why a test failed gets the answers that the test got."""
        self._of_test = None

    def run(self, command: str, *args: str, **_: Any) -> CommandResult:
        text = self.get_command(command, *args)
        again = self._is_again(text)
        self._asked[text] = None
        if self.rehearsing:
            self._hear(text, again)
        elif again:
            self._answers.pop(text, None)
        if text not in self._answers and not self.rehearsing:
            self._ask((text,))
        answer = self._answers.get(text, NOTHING if self.rehearsing else None)
        if answer is None:  # what could not be asked is neither so nor not so
            raise AssertionError(
                self.failed.error if self.failed else tr("no answer in time to `{command}`", command=_cut(command))
            )
        return CommandAnswer(self, answer.status, self.encode(text), answer.stdout, answer.stderr)

    def _is_again(self, text: str) -> bool:
        asked = self._of_test if self._of_test is not None else set()
        before = text in asked
        asked.add(text)
        return before

    def _hear(self, text: str, again: bool) -> None:
        """A test that polls would wait for another answer for ever: its rehearsal ends there."""
        self.missed = self.missed or text not in self._answers
        if again or len(self._of_test or ()) > MOST_REHEARSED:
            pytest.fail("asks again")

    def close(self) -> None:
        """Remember what was asked."""
        if self._remembered and self._asked:
            questions.remember(self._remembered, self._asked)
