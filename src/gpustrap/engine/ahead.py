"""Operations turned into commands ahead of time, so that what follows from known answers travels in one request.

An operation takes part where its commands follow from its arguments and its facts alone (`by_facts`), it asks all
before it does anything, and it only runs commands. Any other is run when it is its
turn, as all are with `--no-replay`.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pyinfra import logger
from pyinfra.api import StringCommand
from pyinfra.api.arguments import CONNECTOR_ARGUMENT_KEYS
from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.host import Host
from pyinfra.api.state import State

from gpustrap.engine import failures, notes
from gpustrap.engine.by_facts import is_by_facts
from gpustrap.engine.changes import Command, Step
from gpustrap.engine.connector import ReplayConnector
from gpustrap.engine.pyinfra_forms import as_bytes

MOST_BYTES = 4_000_000  # that one request may send
# How an operation is run, where it is not simply run.
_OTHERWISE = ("_if", "_ignore_errors", "_continue_on_error", "_retries", "_retry_until")
_ALONE = ("_get_pty", "_timeout", "_sudo", "_su_user", "_doas", "_dzdo")


@dataclass(frozen=True)
class Foreseen:
    """One operation ahead of time: its step, and pyinfra's own form of the commands. `is_last`: of its request."""

    hash: str
    step: Step
    commands: tuple[StringCommand, ...]
    is_last: bool = False


class _Heard:
    """The questions of one operation, all of them among `known` where that is given.

    One that is asked behind its first command asks what that has done.
    """

    def __init__(self, known: Container[str] | None = None) -> None:
        self.questions: list[str] = []
        self.may_ask = True
        self._known = known

    def hear(self, question: str | None) -> None:
        if question is None or not self.may_ask or (self._known is not None and question not in self._known):
            raise PyinfraError("this cannot be asked ahead of time")
        self.questions.append(question)


class Foresight:
    """The operations of one host, ahead of time. What was foreseen counts until the answers are dropped."""

    def __init__(self, state: State, host: Host, connector: ReplayConnector):
        self._state, self._host, self._connector = state, host, connector
        self._kept: dict[str, tuple[int, bool, Foreseen]] = {}

    def of(self, hashes: Sequence[str]) -> Iterator[Foreseen]:
        """Those that can be foreseen from the answers as they are, up to the first that cannot. May ask more."""
        size = 0
        for one in hashes:
            foreseen = self.one(one)
            size += sum(len(command.stdin) for command in foreseen.step.commands) if foreseen else 0
            if foreseen is None or size > MOST_BYTES:
                return
            yield foreseen
            if foreseen.is_last:
                return

    def are_known(self, hashes: Sequence[str]) -> bool:
        """Whether all of them can be foreseen without asking any more."""
        return all(self._once(one, _Heard(self._connector.answers)) for one in hashes)

    def one(self, op_hash: str) -> Foreseen | None:
        """None for one that cannot be foreseen. May ask more."""
        return self._once(op_hash, _Heard())

    def _once(self, op_hash: str, heard: _Heard) -> Foreseen | None:
        if kept := self._still(op_hash):
            return kept
        if foreseen := self._of(op_hash, heard):
            self._kept[op_hash] = self._connector.changes, self._state.is_executing, foreseen
        return foreseen

    def _still(self, op_hash: str) -> Foreseen | None:
        """What was foreseen and still counts. What an operation sends may be put together only when it is run."""
        changes, running, foreseen = self._kept.get(op_hash, (-1, False, None))
        if foreseen is None or changes != self._connector.changes:
            return None
        return foreseen if running == self._state.is_executing or not foreseen.commands else None

    def _of(self, op_hash: str, heard: _Heard) -> Foreseen | None:
        data = self._state.get_op_data_for_host(self._host, op_hash)
        if any(data.global_arguments.get(key) for key in _OTHERWISE) or not is_by_facts(data.command_generator):
            return None
        commands = self._commands(op_hash, heard)
        questions = tuple(one for one in heard.questions if one in self._connector.answers)
        made = tuple(self._command(command, data.global_arguments) for command in commands or ())
        if commands is None or len(questions) < len(heard.questions):
            return None
        ready = tuple(command for command in made if command is not None)
        if len(ready) < len(made):
            return None
        return Foreseen(op_hash, Step(questions, ready), tuple(commands), self._connector.new_login_follows)

    def _commands(self, op_hash: str, heard: _Heard) -> list[Any] | None:
        """What it does for the answers as they are; None where that cannot be said before it does it."""
        notes.forget_one(self._host.connector_data, op_hash)
        commands: list[Any] = []
        try:
            with self._connector.foreseeing_by(heard.hear):
                for command in self._state.get_op_data_for_host(self._host, op_hash).command_generator():
                    commands.append(command)
                    heard.may_ask = False
        except failures.ENDS:
            raise
        except BaseException as error:  # it says so again when it is run
            logger.debug("not ahead of time: %r", error)
            return None
        return commands

    def _command(self, command: Any, how: Any) -> Command | None:
        if type(command) is not StringCommand:
            return None
        arguments: dict[str, Any] = {key: how[key] for key in CONNECTOR_ARGUMENT_KEYS if key in how}
        arguments |= command.connector_arguments
        if any(arguments.get(key) for key in _ALONE):
            return None
        text = self._connector.as_sent(command, arguments).get_raw_value()
        good = tuple(arguments.get("_success_exit_codes") or [0])
        return Command(text, as_bytes(arguments.get("_stdin")), good)
