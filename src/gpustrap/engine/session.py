"""One instance under work: its connection, its survey, its decided roles, its operations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from paramiko import Transport
from pydantic import SecretStr
from pyinfra import logger
from pyinfra.api import Config, FileUploadCommand, Inventory, State
from pyinfra.api.exceptions import ConnectError, PyinfraError
from pyinfra.api.host import Host
from pyinfra.api.operations import run_host_op
from pyinfra.api.state import StateStage
from pyinfra.connectors.sshuserclient.client import get_host_keys
from pyinfra.context import ctx_config, ctx_host, ctx_state

from gpustrap import content
from gpustrap.engine import failures, notes
from gpustrap.engine.advance import NO_PROOF, Advance, Opening, Proof
from gpustrap.engine.ahead import Foresight
from gpustrap.engine.connector import ReplayConnector
from gpustrap.engine.exhausted import lack_of
from gpustrap.engine.facts.survey import SurveyFact
from gpustrap.engine.facts.traces import Traces, TracesFact
from gpustrap.engine.let_in import SHELL_HINT, LetIn, let_in
from gpustrap.engine.masked import Masked
from gpustrap.engine.pyinfra_internals import quicken_data_of
from gpustrap.errors import InstanceFailed
from gpustrap.language import tr
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.download import Download

TasksOf = Callable[[str], Callable[[Any], None]]  # role → what lines up its operations


class _OneHost(Inventory):
    """An inventory of one host on the replay connector; loads no other connector."""

    def __init__(self, name: str, data: dict[str, Any]) -> None:
        super().__init__(([(name, data)], {}))  # type: ignore[no-untyped-call]

    def make_hosts_and_groups(self, names: Any, groups: Any) -> None:  # noqa: ARG002 (pyinfra's signature)
        ((name, data),) = names
        self.host_data[name] = data
        self.hosts = {name: Host(name, inventory=self, groups=[], connector_cls=ReplayConnector)}
        quicken_data_of(self.hosts[name])


@dataclass(frozen=True)
class Operation:
    """One line of a plan: which role does what, and pyinfra's key for it."""

    role: str
    name: str
    hash: str


class Session:
    """A connection to one instance and all that is done over it. Not to be shared between greenlets."""

    def __init__(self, name: str, host_data: Mapping[str, Any]):
        inventory = _OneHost(name, dict(host_data))
        self._data = host_data
        # Looking for changes is done where they are wanted, by `would_change`, not while lining up.
        self.state = State(inventory, Config(), check_for_changes=False)
        (self.host,) = inventory
        self.operations: list[Operation] = []
        self.connector.keeps_questions = False
        self._foresight = Foresight(self.state, self.host, self.connector)
        self.host.connector_data[notes.DIFF] = host_data.get(notes.DIFF, False)

    @property
    def connector(self) -> ReplayConnector:
        assert isinstance(self.host.connector, ReplayConnector)
        return self.host.connector

    @contextmanager
    def _context(self) -> Iterator[None]:
        with ctx_state.use(self.state), ctx_config.use(self.state.config), ctx_host.use(self.host):
            yield

    def connect(self) -> None:
        """Open the connection. Raises InstanceFailed with the reason in words."""
        self.state.set_stage(StateStage.Connect)
        # pyinfra keeps the files it has read for the process's life: a key that a first try has met counts at once.
        get_host_keys.cache.clear()
        try:
            with self._context():
                self.host.connect(show_errors=False, raise_exceptions=True)
        except (ConnectError, PyinfraError, OSError, ValueError, RecursionError) as error:
            raise failures.of_connecting(error, self.host.data.get("gpustrap_typed", self.host.name)) from error
        self.state.activate_host(self.host)

    def with_password(self, password: SecretStr) -> Session:
        """Another session with this instance, not yet open, that logs in by a password and by nothing else."""
        data = {name: value for name, value in self._data.items() if name != "ssh_key"}
        secret = {"ssh_password": Masked(password.get_secret_value())}
        return Session(self.host.name, {**data, **secret, "ssh_allow_agent": False, "ssh_look_for_keys": False})

    def with_key(self, path: str, key: Any = None) -> Session:
        """Another session, not yet open, that offers one key and no other; `key` where it has a passphrase."""
        only = {"ssh_key": path, "ssh_allow_agent": False, "ssh_look_for_keys": False}
        session = Session(self.host.name, {**self._data, **only})
        if key is not None:
            session.state.private_keys[path] = key
        return session

    def let_in(self, key: str) -> LetIn:
        """Add a public key to the login's own authorized_keys. Raises InstanceFailed."""
        assert self.connector.client is not None
        return let_in(self.connector.client, key)

    @property
    def host_key(self) -> str:
        """The fingerprint of the key that the instance showed, as `ssh-keygen -l` prints it."""
        return str(self.transport.get_remote_server_key().fingerprint)

    @property
    def transport(self) -> Transport:
        """The one ssh connection, once it is open."""
        return self.connector.transport

    def knows_host_key(self) -> bool:
        """Whether a key of the instance is known already."""
        return Path(self.connector.data["ssh_known_hosts_file"]).stat().st_size > 0

    def forget_host_key(self) -> None:
        """Let the next `connect` take whatever key the instance shows, as at first contact."""
        Path(self.connector.data["ssh_known_hosts_file"]).write_bytes(b"")
        get_host_keys.cache.clear()

    def survey(self, folders: Sequence[str] = ()) -> Survey:
        """All facts of the instance, in one exec or from the replayed one; `folders` as SurveyFact's."""
        try:
            with self._context():
                survey = self.host.get_fact(SurveyFact, folders=tuple(folders))
        except PyinfraError as error:
            said = "".join(f": {line[:200]}" for line in self.connector.unanswered.splitlines()[:1])
            if lack := lack_of(said):
                raise InstanceFailed(lack.sentence + said, operation="survey", hint=lack.hint) from error
            raise InstanceFailed(
                tr("the survey was ended by an error on the instance{said}", said=said),
                operation="survey",
                hint=tr(SHELL_HINT),
            ) from error
        if survey is None:
            raise InstanceFailed(tr("the survey gave no answer"), operation="survey", hint=tr(SHELL_HINT))
        assert isinstance(survey, Survey)
        return survey

    def traces(self) -> Traces:
        """What of gpustrap's stands on the instance."""
        with self._context():
            traces = self.host.get_fact(TracesFact)
        assert isinstance(traces, Traces)
        return traces

    def line_up(self, chosen: Mapping[str, Any], tasks_of: TasksOf | None = None) -> None:
        """Line up the operations of each role for what was decided for it: role → decision. Nothing is changed.

        They are the role's own, or those of `tasks_of`, whose questions are not kept for the next run.
        """
        self.state.set_stage(StateStage.Prepare)
        self.connector.keeps_questions = tasks_of is None
        with self._context():
            for role, decision in chosen.items():
                self._line_up_role(role, decision, tasks_of or content.role_tasks)
            if self.connector.replays and not self._foresight.are_known([one.hash for one in self.operations]):
                self._rehearse()

    def _line_up_role(self, role: str, chosen: Any, tasks_of: TasksOf) -> None:
        before = len(self.host.op_hash_order)
        with failures.in_role(role):
            tasks_of(role)(chosen)
        for op_hash in self.host.op_hash_order[before:]:
            (name,) = self.state.get_op_meta(op_hash).names
            notes.belongs(self.host.connector_data, op_hash, role)
            self.operations.append(Operation(role, name.removeprefix(f"{role} | "), op_hash))

    def _rehearse(self) -> None:
        """Let every operation ask its questions, unanswered, so that all can be asked in one exec."""
        with self.connector.rehearsing():
            for operation in self.operations:
                try:
                    for _ in self.state.get_op_data_for_host(self.host, operation.hash).command_generator():
                        pass
                except failures.ENDS:
                    raise
                except BaseException as error:  # an operation of anybody's, on answers that cannot be: not a failure
                    logger.debug("rehearsal of %s | %s: %r", operation.role, operation.name, error)
        notes.forget(self.host.connector_data)

    def would_change(self, operation: Operation) -> bool:
        """Whether an operation would change something, from the facts as they are."""
        with self._context(), self._named(operation):
            foreseen = self._foresight.one(operation.hash) if self.connector.replays else None
            return bool(self._meta(operation).will_change if foreseen is None else foreseen.commands)

    def details(self, operation: Operation) -> tuple[str, ...]:
        """What an operation that was looked at or run changes, in words."""
        return notes.noted(self.host.connector_data, operation.hash)

    def restart(self, operation: Operation) -> str:
        """Why an operation that was looked at would change something if one before it changes services' environment."""
        return notes.restart_of(self.host.connector_data, operation.hash)

    def downloads(self, operation: Operation) -> tuple[Download, ...]:
        """What an operation that was looked at would fetch."""
        return notes.downloads_of(self.host.connector_data, operation.hash)

    def execute(
        self,
        started: Callable[[Operation], None],
        ended: Callable[[Operation, bool], None],
        opening: Opening | None = None,
        part_of: Callable[[Operation], str] = lambda _operation: "",
        proof: Proof = NO_PROOF,
    ) -> dict[str, InstanceFailed]:
        """Run every operation in order; `ended` hears whether it changed something. Raises InstanceFailed.

        An `opening` is run before all of them. Where `part_of` gives a name, a failure is that part's alone: the
        rest of it is passed over, the others go on. Part → its failure. A `proof` travels with the last change.
        """
        self.state.set_stage(StateStage.Execute)
        self.state.is_executing = True
        failed: dict[str, InstanceFailed] = {}
        with self._context():
            hashes = [one.hash for one in self.operations]
            advance = Advance(self.state, self.host, self.connector, hashes, proof, self._foresight)
            try:
                if opening is not None:
                    advance.open(opening)
                for at, operation in enumerate(self.operations):
                    if (part := part_of(operation)) in failed:
                        continue
                    started(operation)
                    try:
                        self._run(operation, partial(advance.before, at))
                    except InstanceFailed as failure:
                        if not part or not self.connector.connected:
                            failure.tell_of(failed)
                            raise
                        failed[part] = failure
                        advance.pass_over(one.hash for one in self.operations if part_of(one) == part)
                    else:
                        ended(operation, self._meta(operation).did_change())
                advance.finish()
            finally:
                advance.end()
        return failed

    def _run(self, operation: Operation, before: Callable[[], None]) -> None:
        with self._named(operation):
            before()
            succeeded = run_host_op(self.state, self.host, operation.hash)
        if not succeeded:
            meta = self._meta(operation)
            last = meta._commands[-1]  # the one that has failed
            sent = isinstance(last, FileUploadCommand)  # by us, in no command's words
            ran = "" if sent else failures.ended(str(last), self.connector.ended)
            lines = self.connector.not_sent if sent else meta.stderr_lines or meta.stdout_lines
            raise failures.of_operation(lines, self.connector.connected, operation.role, operation.name, ran)

    @contextmanager
    def _named(self, operation: Operation) -> Iterator[None]:
        """Name role and operation in whatever goes wrong inside."""
        role, name = operation.role, operation.name
        try:
            yield
        except PyinfraError as error:
            # Where a question fails pyinfra says "No hosts remaining", and its answer nowhere.
            said = self.connector.unanswered.splitlines() or [str(error)]
            raise failures.of_operation(said, self.connector.connected, role, name) from error
        except InstanceFailed as failure:
            raise InstanceFailed(failure.error, role=role, operation=name, hint=failure.hint) from failure
        except failures.ENDS:
            raise
        except BaseException as mistake:
            if not self.connector.connected:
                raise failures.of_operation([], False, role, name) from mistake
            raise failures.of_mistake(mistake, role, name) from mistake

    def _meta(self, operation: Operation) -> Any:
        return self.state.get_op_data_for_host(self.host, operation.hash).operation_meta

    def close(self) -> None:
        """Remember this run's questions and close the connection. A laptop whose disk is full forgets them."""
        if self.host.connected:
            with self._context(), suppress(OSError):
                self.host.disconnect()
