"""The replay connector: pyinfra's ssh connector, with facts answered from one batched exec.

pyinfra asks every fact by an exec of its own, one after another, and never keeps an answer. Here the
commands that the last run asked are run all at once on connecting; a fact whose command is among them
is answered from that. Anything else that runs may change the instance, so it drops every answer first:
a replayed answer is always one that the instance gave since its last change by us.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pyinfra import logger
from pyinfra.api import StringCommand
from pyinfra.api.host import Host
from pyinfra.api.state import State
from pyinfra.api.util import get_file_io
from pyinfra.connectors.util import CommandOutput, make_unix_command_for_host

from gpustrap.engine import INVOKE, batch, exhausted, failures, questions
from gpustrap.engine.behind import Behind, Checked
from gpustrap.engine.host_data import DATA_META, ReplayData
from gpustrap.engine.login import Login
from gpustrap.engine.pyinfra_forms import as_answer, as_bytes, as_output
from gpustrap.engine.pyinfra_internals import run_match_exec_by
from gpustrap.engine.wire import Wire
from gpustrap.language import tr

run_match_exec_by(INVOKE)

# What says how a command is run, not what is run: the same set as pyinfra's extract_control_arguments.
_NOT_WRAPPING = ("_stdin", "_get_pty", "_timeout", "_success_exit_codes")

# A batch's own commands are ended after batch.COMMAND_SECONDS; the box needs some time around them.
ANSWER_SECONDS = batch.COMMAND_SECONDS + 15


class ReplayConnector(Login):
    """Connect over ssh and answer facts from one exec. Used as `@gpustrap/NAME`."""

    data_cls: type[Any] = ReplayData
    data: ReplayData
    data_meta = DATA_META

    def __init__(self, state: State, host: Host):
        super().__init__(state, host)
        self.execs = 0  # as the instance's sshd counts them
        self.uploads = 0  # archives and files sent
        self.not_sent: list[str] = []  # why the last file that was to be sent is not there
        self.keeps_questions = True  # of a run that asked all of them: one that only looks asks fewer
        self.on_open: Callable[[], None] = lambda: None  # hears that the login is done, before the first question
        self.on_line: Callable[[str], None] | None = None  # hears each line that a change prints, as it comes
        self.ended = 0  # the exit code of the last change that failed
        self.unanswered = ""  # what the last question that failed has said
        self.answers: dict[str, batch.Answer] = {}  # question → answer, since the last change by us
        self.changes = 0  # how often all answers were dropped
        self.behind: Behind | Checked | None = None  # checks that were asked behind facts or changes
        self._asked: dict[str, None] = {}  # this run's fact commands, in order
        self._asking = False
        self._expected: tuple[str, ...] = ()  # in order: the last run's questions, or those that a rehearsal heard
        self._rehearsal: dict[str, None] | None = None
        self._hear: Callable[[str | None], None] | None = None
        self.next_answer: Callable[[], batch.Answer | None] = lambda: None  # of changes that are under way
        self._wire: Wire | None = None
        host.get_fact = self._asks(host.get_fact)  # type: ignore[method-assign]

    @staticmethod
    def make_names_data(name: str) -> Iterator[tuple[str, dict[str, Any], list[str]]]:
        yield name, {}, []

    def connect(self) -> None:
        super().connect()
        assert self.client is not None
        self._wire = Wire(self.client, self.transport.get_username() or "root", self.data["gpustrap_sudo_password"])
        self.on_open()
        self.refresh(questions.recall(Path(self.data["gpustrap_checks"] or "")))

    def disconnect(self) -> None:
        self.forget()
        super().disconnect()
        if self._memory and self._asked and self.keeps_questions:
            questions.remember(self._memory, self._asked)
        if self._wire is not None:
            self._wire.close()

    @property
    def connected(self) -> bool:
        """Whether the connection stands."""
        return self._wire is not None and self._wire.alive

    @property
    def wire(self) -> Wire:
        """What runs commands, when nothing else runs: some boxes allow one session. Raises InstanceFailed for none."""
        if self._wire is None:
            raise failures.of_lost(None)
        if self.behind is not None:
            self.behind.wait()
        return self._wire

    @property
    def replays(self) -> bool:
        """Whether facts are asked ahead, many in one exec; `--no-replay` asks each when it is needed."""
        return self._memory is not None

    @property
    def _memory(self) -> Path | None:
        path = self.data["gpustrap_memory"]
        return Path(path) if path else None

    def refresh(self, checks: tuple[str, ...] = ()) -> None:
        """Ask again, in one exec, all that the last run or this one asked, and behind it `checks`."""
        self.forget()
        if self._memory:
            self._expected = tuple(self._asked) or questions.recall(self._memory)
            self._ask_ahead(self._expected, checks)

    def forget(self) -> None:
        """No answer counts any more."""
        self.answers.clear()
        self.changes += 1
        if self.behind is not None:
            self.behind.end()
            self.behind = None

    def checked(self) -> dict[str, batch.Answer]:
        """The checks that were asked with facts or changes, answered just now; none once anything was changed."""
        return self.behind.checks() if self.behind is not None else {}

    @contextmanager
    def rehearsing(self) -> Iterator[None]:
        """Hear the questions of what runs inside, giving each an empty answer; then ask all of them in one exec.

        Nothing that runs inside reaches the instance.
        """
        self._rehearsal = {}
        try:
            yield
        finally:
            heard, self._rehearsal = tuple(self._rehearsal), None
        self._expected = heard
        self._ask_ahead(tuple(question for question in heard if question not in self.answers))

    @contextmanager
    def foreseeing_by(self, hear: Callable[[str | None], None]) -> Iterator[None]:
        """Have `hear` told each question of what runs inside, None for what is none. It raises for what may not be."""
        self._hear, self.new_login_follows = hear, False  # which the operation that is looked at may say
        try:
            yield
        finally:
            self._hear = None

    @property
    def foreseeing(self) -> bool:
        """Whether an operation is only looked at, to know its commands."""
        return self._hear is not None

    def _ask_ahead(self, questions: tuple[str, ...], checks: tuple[str, ...] = ()) -> None:
        if questions:
            self.answers.update(self.ask(questions, checks))

    def ask(self, commands: tuple[str, ...], checks: tuple[str, ...] = ()) -> dict[str, batch.Answer]:
        """Run full shell commands in one exec, behind them `checks`. One that took too long is left out."""
        output = self._output_of(commands, checks)
        try:
            answers = batch.parse(output, len(commands))
        except batch.BadFrame as bad:
            # A full disk or a read-only /tmp: every fact is then asked on its own.
            logger.debug("batch of %d facts: %s", len(commands), bad)
            return {commands[0]: self._ask_alone(commands[0])} if len(commands) == 1 else {}
        return {command: exhausted.sound(answer) for command, answer in zip(commands, answers, strict=True) if answer}

    def _output_of(self, commands: tuple[str, ...], checks: tuple[str, ...]) -> bytes:
        self.execs += 1
        if checks:
            self.behind = Behind(self.wire, commands, checks, ANSWER_SECONDS)
            return self.behind.facts()
        answer = exhausted.sound(self.wire.run(batch.script(commands), seconds=ANSWER_SECONDS))
        logger.debug("batch of %d facts: exit %d, %r", len(commands), answer.status, answer.stderr)
        return answer.stdout

    def _ask_alone(self, command: str) -> batch.Answer:
        """Ask one without a file in between."""
        self.execs += 1
        return exhausted.sound(self.wire.run(command, seconds=ANSWER_SECONDS))

    def change(
        self, text: str, on_line: Callable[[str], None] | None = None, seconds: float | None = None
    ) -> batch.Answer:
        """Run a script that may change the instance. No answer from before counts any more."""
        self.forget()
        self.execs += 1
        return self.wire.run(text, on_line=on_line, seconds=seconds)

    def _asks(self, get_fact: Callable[..., Any]) -> Callable[..., Any]:
        """`Host.get_fact`, marking what runs inside it as a question: it changes nothing."""

        def asking(*args: Any, **kwargs: Any) -> Any:
            before, self._asking = self._asking, True
            try:
                return get_fact(*args, **kwargs)
            finally:
                self._asking = before

        return asking

    def run_shell_command(
        self, command: StringCommand, print_output: bool = False, print_input: bool = False, **arguments: Any
    ) -> tuple[bool, CommandOutput]:
        if self._rehearsal is not None:
            return self._rehearse(command, arguments)
        question = self._question(command, arguments) if self._asking else None
        if self._hear is not None:
            self._hear(question)
        known = self._known(question) if self._asking else self.next_answer()
        if known is not None:
            return self._succeeded(known, arguments), as_output(known)
        if not self._asking:
            self.forget()
        self.execs += 1
        self.uploads += bool(arguments.get("_stdin"))
        if arguments.get("_get_pty"):
            return super().run_shell_command(command, print_output=print_output, print_input=print_input, **arguments)
        succeeded, output = self._run(command, arguments)
        if question is not None and self._memory and succeeded:
            self.answers[question] = as_answer(output)
        return succeeded, output

    def _known(self, question: str | None) -> batch.Answer | None:
        """Its answer, where it was asked ahead or is so now."""
        if question is None:
            return None
        self._asked[question] = None
        if question not in self.answers and question in self._expected:
            self._ask_ahead(self._expected[self._expected.index(question) :])
        return self.answers.get(question)

    def _rehearse(self, command: StringCommand, arguments: dict[str, Any]) -> tuple[bool, CommandOutput]:
        assert self._rehearsal is not None
        if self._asking and (question := self._question(command, arguments)) is not None:
            self._rehearsal[question] = None
        return self._asking, CommandOutput([])

    def _question(self, command: StringCommand, arguments: dict[str, Any]) -> str | None:
        """The full command as the instance gets it; None for one that must not be remembered or replayed."""
        if any(arguments.get(key) for key in ("_stdin", "_get_pty", "_timeout")):
            return None
        unix_command = self.as_sent(command, arguments)
        raw = unix_command.get_raw_value()
        return raw if raw == unix_command.get_masked_value() else None  # a hidden value is never stored

    def as_sent(self, command: StringCommand, arguments: dict[str, Any]) -> StringCommand:
        """The command in the shell, environment and user that pyinfra's arguments ask for."""
        wrapping = {key: value for key, value in arguments.items() if key not in _NOT_WRAPPING}
        return make_unix_command_for_host(self.state, self.host, command, **wrapping)

    def _run(self, command: StringCommand, arguments: dict[str, Any]) -> tuple[bool, CommandOutput]:
        """Run one command. What a change prints is heard by `on_line` as it comes."""
        unix_command = self.as_sent(command, arguments)
        logger.debug("Running command on %s: %s", self.host.name, unix_command)
        limit = arguments.get("_timeout") or (ANSWER_SECONDS if self._asking else None)
        answer = self.wire.run(
            unix_command.get_raw_value(),
            stdin=as_bytes(arguments.get("_stdin")),
            seconds=limit,
            on_line=None if self._asking else self.on_line,
        )
        return self._succeeded(exhausted.sound(answer) if self._asking else answer, arguments), as_output(answer)

    def _succeeded(self, answer: batch.Answer, arguments: dict[str, Any]) -> bool:
        """Whether it ended as it should. Of a question that did not, the words are kept: pyinfra gives none."""
        succeeded = answer.status in (arguments.get("_success_exit_codes") or [0])
        self.ended = self.ended if succeeded or self._asking else answer.status
        if self._asking and not succeeded:
            said = (answer.stderr or answer.stdout).decode("utf-8", "replace").strip()
            self.unanswered = said or tr("a question ended with {status} and said nothing", status=answer.status)
        return succeeded

    def put_file(self, filename_or_io: Any, remote_filename: str, *_: Any, **arguments: Any) -> bool:
        """Send a file through a command's stdin: many gateways have no sftp. It is whole there, or not at all."""
        self.forget()
        self.uploads, self.execs = self.uploads + 1, self.execs + 1
        new = shlex.quote(f"{remote_filename}.gpustrap-new")
        receive = f"umask 077; cat >{new} && mv -f {new} {shlex.quote(remote_filename)} || {{ rm -f {new}; false; }}"
        wrapping = {key: value for key, value in arguments.items() if key.startswith(("_sudo", "_su_", "_doas"))}
        command = self.as_sent(StringCommand(receive), wrapping).get_raw_value()
        with get_file_io(filename_or_io) as file:
            answer = self.wire.run(command, stdin=file.read())
        if answer.status != 0:
            self.not_sent = batch.not_written(remote_filename, answer)
            logger.error(" ".join(self.not_sent))
        return answer.status == 0

    def rsync(self, *args: Any, **kwargs: Any) -> Any:
        self.forget()
        self.uploads += 1
        return super().rsync(*args, **kwargs)
