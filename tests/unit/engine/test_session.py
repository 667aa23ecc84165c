"""A session whose wire is a fake: it answers every command in the way that a test tells it to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from gevent import GreenletExit, Timeout

from gpustrap import content
from gpustrap.errors import InstanceFailed

GOES_ON = "hint: run the same command again: it goes on where it was"


class Wire:
    """Stands for a Wire. `says(command)` gives exit status, stdout, stderr, or raises."""

    def __init__(self, says: Callable[[str], tuple[int, str, str]]):
        self.says, self.alive, self.closed = says, True, False

    def run(self, command: str, **_: Any) -> Any:
        from gpustrap.engine.batch import Answer

        status, out, err = self.says(command)
        return Answer(status, out.encode(), err.encode())

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def session(monkeypatch) -> Any:
    """Connected to nobody; `session.host.connector.wire` says 0 to everything."""
    from gpustrap.engine.session import Session

    made = Session("box", {})
    made.host.connected = True
    made.state.activate_host(made.host)
    made.connector._wire = Wire(lambda _command: (0, "", ""))
    return made


@pytest.fixture
def role(monkeypatch) -> Callable[[Any], None]:
    """`role(commands)`: what content gives for every role is a deploy of one operation with these commands."""

    def give(commands: Callable[[], Iterator[Any]]) -> None:
        from pyinfra.api import deploy, operation

        @operation()
        def act() -> Iterator[Any]:
            yield from commands()

        @deploy("web")
        def tasks(_chosen: Any) -> None:
            act(name="first step")

        monkeypatch.setattr(content, "role_tasks", lambda _role: tasks)

    return give


def no(*_: Any) -> None:
    pass


def fails(kind: type[BaseException], *words: Any, **more: Any) -> Callable[[str], Any]:
    def says(_command: str) -> Any:
        raise kind(*words, **more)

    return says


@pytest.mark.parametrize(
    ("says", "alive", "text"),
    [
        (lambda _: (1, "", "words of it\n"), True, "web | first step: words of it\n`true` ended with exit code 1"),
        (lambda _: (1, "on stdout\n", ""), True, "web | first step: on stdout\n`true` ended with exit code 1"),
        (lambda _: (4, "", ""), True, "web | first step: `true` ended with exit code 4"),
        (lambda _: (1, "", ""), False, f"web | first step: the connection was lost\n{GOES_ON}"),
        (fails(InstanceFailed, "dead", hint="again"), True, "web | first step: dead\nhint: again"),
        (fails(EOFError), False, f"web | first step: the connection was lost\n{GOES_ON}"),
        (fails(OSError, "Socket is closed"), False, f"web | first step: the connection was lost\n{GOES_ON}"),
    ],
)
def test_a_failure_of_an_operation_names_role_and_operation(session, role, says, alive, text) -> None:
    role(lambda: iter(["true"]))
    session.line_up({"web": None})
    session.connector._wire.says, session.connector._wire.alive = says, alive
    with pytest.raises(InstanceFailed) as failed:
        session.execute(no, no)
    assert str(failed.value) == text


@pytest.mark.parametrize(("says", "words"), [
    (lambda _: (2, "", "sh: 3: grep: not found\n"), "a command is missing on the instance (sh: 3: grep: not found)"),
    (lambda _: (3, "on stdout\n", ""), "on stdout"), (lambda _: (3, "", ""), "a question ended with 3 and said nothing"),
])  # fmt: skip
def test_a_question_that_fails_keeps_the_instances_words(session, role, says, words) -> None:
    from gpustrap.engine.facts.packages import InstalledPackages

    def asks() -> Iterator[str]:
        session.host.get_fact(InstalledPackages, packages=["curl"])
        yield "true"

    role(asks)
    session.line_up({"web": None})
    session.connector._wire.says = says
    with pytest.raises(InstanceFailed) as failed:
        session.execute(no, no)
    assert (failed.value.role, failed.value.operation, failed.value.error) == ("web", "first step", words)


def test_a_mistake_in_an_operation_is_named_with_its_place(session, role) -> None:
    def commands() -> Iterator[str]:
        yield {}["port"]

    role(commands)
    session.line_up({"web": None})
    with pytest.raises(InstanceFailed) as failed:
        session.execute(no, no)
    assert (failed.value.role, failed.value.operation) == ("web", "first step")
    assert failed.value.error.startswith("KeyError: 'port' (test_session.py:")


class Odd(BaseException):
    """Not an Exception, and nobody's way to end a run."""


@pytest.mark.parametrize(
    ("raised", "words"), [(SystemExit(3), "it ends the whole run by an exit of its own: 3 ("), (Odd("no"), "Odd: no (")]
)
def test_an_operation_that_ends_the_process_is_a_mistake_of_its_role(session, role, raised, words) -> None:
    def commands() -> Iterator[str]:
        raise raised
        yield ""

    role(commands)
    session.line_up({"web": None})  # the rehearsal runs it too, and goes on
    for step in (lambda: session.would_change(session.operations[0]), lambda: session.execute(no, no)):
        with pytest.raises(InstanceFailed) as failed:
            step()
        assert (failed.value.role, failed.value.operation) == ("web", "first step")
        assert failed.value.error.startswith(f"{words}test_session.py:")


def test_tasks_that_end_the_process_are_a_mistake_of_their_role(session, monkeypatch) -> None:
    def tasks(_chosen: Any) -> None:
        raise SystemExit("enough")

    monkeypatch.setattr(content, "role_tasks", lambda _role: tasks)
    with pytest.raises(InstanceFailed) as failed:
        session.line_up({"web": None})
    assert str(failed.value).startswith("web: it ends the whole run by an exit of its own: enough (test_session.py:")


@pytest.mark.parametrize("ends", [KeyboardInterrupt, GreenletExit, Timeout])
def test_what_ends_a_run_on_purpose_is_nobodys_mistake(session, role, tmp_path, ends) -> None:
    def commands() -> Iterator[str]:
        raise ends()
        yield ""

    role(commands)
    session.line_up({"web": None})
    with pytest.raises(ends):
        session.would_change(session.operations[0])
    session.connector.data["gpustrap_memory"] = str(tmp_path / "memory")
    with pytest.raises(ends):
        session.line_up({"db": None})  # a rehearsal is ended by it, too


@pytest.mark.parametrize(("commands", "changed"), [(["true"], True), ([], False)])
def test_each_operation_is_heard_before_and_after_with_whether_it_changed(session, role, commands, changed) -> None:
    role(lambda: iter(commands))
    session.line_up({"web": None, "db": None})
    heard: list[Any] = []
    looked = [session.would_change(operation) for operation in session.operations]
    session.execute(lambda one: heard.append((one.role, one.name)), lambda one, did: heard.append((one.role, did)))
    assert heard == [("web", "first step"), ("web", changed), ("db", "web | first step"), ("db", changed)] or heard == [
        ("web", "first step"),
        ("web", changed),
        ("db", "first step"),
        ("db", changed),
    ]
    assert looked == [changed] * 2


def test_nothing_after_a_failure_is_run(session, role) -> None:
    role(lambda: iter(["true"]))
    session.line_up({"web": None, "db": None})
    session.connector._wire.says = lambda _: (1, "", "no")
    started: list[str] = []
    with pytest.raises(InstanceFailed):
        session.execute(lambda one: started.append(one.role), no)
    assert started == ["web"]


def test_details_are_what_the_operation_noted_each_once(session, role) -> None:
    from gpustrap.engine import notes

    def commands() -> Iterator[str]:
        for line in ("one", "two", "one"):
            notes.note(line)
        yield "true"

    role(commands)
    session.line_up({"web": None})
    (operation,) = session.operations
    assert session.details(operation) == ()
    session.would_change(operation)
    session.execute(no, no)
    assert session.details(operation) == ("one", "two")


def test_a_rehearsal_reaches_nobody_and_leaves_no_details(role, tmp_path) -> None:
    from gpustrap.engine import notes
    from gpustrap.engine.session import Session

    session = Session("box", {"gpustrap_memory": str(tmp_path / "memory")})
    session.host.connected = True
    session.state.activate_host(session.host)
    session.connector._wire = Wire(fails(AssertionError, "it was asked"))

    def commands() -> Iterator[str]:
        notes.note("from no answer")
        yield {}["an answer that cannot be"]

    role(commands)
    session.line_up({"web": None})  # and a mistake in a rehearsal is none
    assert session.details(session.operations[0]) == ()


SURVEY = "hint: does `ssh` to it run a command: `ssh … uname -a`?"


@pytest.mark.parametrize(
    ("gives", "text"),
    [
        (None, f"survey: the survey gave no answer\n{SURVEY}"),
        ("error", f"survey: the survey was ended by an error on the instance\n{SURVEY}"),
        (InstanceFailed("the connection was lost"), "the connection was lost"),
    ],
)
def test_a_survey_that_is_none_says_why(session, monkeypatch, gives, text) -> None:
    from pyinfra.api.exceptions import PyinfraError

    def get_fact(_fact: Any, **_asked: Any) -> Any:
        if gives is None:
            return None
        raise gives if isinstance(gives, Exception) else PyinfraError(gives)

    monkeypatch.setattr(session.host, "get_fact", get_fact)
    with pytest.raises(InstanceFailed) as failed:
        session.survey()
    assert str(failed.value) == text


def test_a_run_that_lined_nothing_up_keeps_no_questions(session, role) -> None:
    assert session.connector.keeps_questions is False
    role(lambda: iter([]))
    session.line_up({"web": None})
    assert session.connector.keeps_questions is True


def test_closing_ends_the_connection_also_on_a_full_disk(session, monkeypatch) -> None:
    closed: list[str] = []

    def disconnect() -> None:
        closed.append("closed")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(session.host, "disconnect", disconnect)
    session.close()
    session.host.connected = False
    session.close()
    assert closed == ["closed"]


def test_the_known_host_key_can_be_forgotten(tmp_path, monkeypatch) -> None:
    from gpustrap.engine import session as module

    known = tmp_path / "known_hosts"
    known.write_text("box ssh-ed25519 AAAA\n")
    one = module.Session("box", {"ssh_known_hosts_file": str(known)})
    cleared: list[bool] = []
    monkeypatch.setattr(
        module, "get_host_keys", SimpleNamespace(cache=SimpleNamespace(clear=lambda: cleared.append(True)))
    )
    assert one.knows_host_key()
    one.forget_host_key()
    assert not one.knows_host_key()
    assert cleared == [True]  # pyinfra remembers the file's keys for the process's life


def test_connecting_activates_the_instance_and_a_refusal_is_a_sentence(monkeypatch) -> None:
    from pyinfra.api.exceptions import ConnectError
    from pyinfra.connectors.sshuserclient.client import get_host_keys

    from gpustrap.engine.session import Session

    one = Session("box", {"gpustrap_typed": "trainer"})
    given: dict[str, Any] = {}
    monkeypatch.setattr(one.host, "connect", lambda **options: given.update(options))
    get_host_keys.cache["/known"] = "as a first try has read it"
    one.connect()
    assert given == {"show_errors": False, "raise_exceptions": True} and not get_host_keys.cache
    assert one.host in one.state.active_hosts

    def refused(**_: Any) -> None:
        raise ConnectError("SSH error (No host key for [h]:1 found in known_hosts)")

    monkeypatch.setattr(one.host, "connect", refused)
    with pytest.raises(InstanceFailed) as failed:
        one.connect()
    assert "`gpustrap up trainer --accept-new-key`" in str(failed.value)
    monkeypatch.setattr(two := Session("box", {}), "host", one.host)
    with pytest.raises(InstanceFailed):
        two.connect()


@pytest.mark.parametrize("error", [OSError("no route"), EOFError()])
def test_an_error_of_the_network_while_connecting_is_the_instances(monkeypatch, error) -> None:
    from gpustrap.engine.session import Session

    one = Session("box", {})

    def fails(**_: Any) -> None:
        raise error

    monkeypatch.setattr(one.host, "connect", fails)
    with pytest.raises(InstanceFailed if isinstance(error, OSError) else EOFError):
        one.connect()
    assert one.host not in one.state.active_hosts


def test_the_host_key_is_told_as_ssh_keygen_prints_it(session) -> None:
    key = SimpleNamespace(fingerprint="SHA256:abc")
    transport = SimpleNamespace(get_remote_server_key=lambda: key)
    session.connector.client = SimpleNamespace(get_transport=lambda: transport)
    assert session.host_key == "SHA256:abc"


def test_one_byte_of_a_known_key_is_a_known_key(tmp_path) -> None:
    from gpustrap.engine.session import Session

    known = tmp_path / "known_hosts"
    known.write_text("x")
    assert Session("box", {"ssh_known_hosts_file": str(known)}).knows_host_key()


def test_a_survey_is_what_the_fact_says(session, survey, monkeypatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(session.host, "get_fact", lambda _fact, folders: asked.append(folders) or survey)
    assert session.survey() is survey
    assert session.survey(["~/app"]) is survey
    assert asked == [(), ("~/app",)]


def test_while_looking_nothing_is_executed_and_while_executing_operations_know(session, role) -> None:
    from pyinfra.api.state import StateStage

    seen: list[tuple[bool, Any]] = []

    def commands() -> Iterator[str]:
        seen.append((session.state.is_executing, session.state.current_stage))
        yield "true"

    role(commands)
    session.line_up({"web": None})
    session.would_change(session.operations[0])
    session.execute(no, no)
    assert (seen[0], seen[-1]) == ((False, StateStage.Prepare), (True, StateStage.Execute))


@pytest.mark.parametrize(("memory", "looks"), [(True, 1), (False, 0)])
def test_only_what_asks_ahead_is_rehearsed(role, tmp_path, memory, looks) -> None:
    from gpustrap.engine.session import Session

    session = Session("box", {"gpustrap_memory": str(tmp_path / "memory")} if memory else {})
    session.host.connected = True
    session.state.activate_host(session.host)
    session.connector._wire = Wire(lambda _command: (0, "", ""))
    looked: list[bool] = []

    def commands() -> Iterator[str]:
        looked.append(True)
        yield "true"

    role(commands)
    session.line_up({"web": None})
    assert len(looked) == looks


def test_an_error_of_pyinfras_in_an_operation_names_role_and_operation(session, role) -> None:
    from pyinfra.api.exceptions import OperationError

    def commands() -> Iterator[str]:
        raise OperationError("no such thing")
        yield

    role(commands)
    session.line_up({"web": None})
    with pytest.raises(InstanceFailed) as failed:
        session.would_change(session.operations[0])
    assert (failed.value.error, failed.value.role, failed.value.operation) == ("no such thing", "web", "first step")


@pytest.mark.parametrize("connected", [True, False])
def test_only_what_is_connected_is_closed(session, monkeypatch, connected) -> None:
    closed: list[bool] = []
    monkeypatch.setattr(session.host, "disconnect", lambda: closed.append(True))
    session.host.connected = connected
    session.close()
    assert closed == ([True] if connected else [])


@pytest.fixture
def steps(monkeypatch) -> Callable[..., list[str]]:
    """`steps("web: files", fails=…)`: a role of operations of these names; what is run is in the list."""

    def give(*names: str, fails: Callable[[str], None]) -> list[str]:
        from pyinfra.api import deploy, operation

        ran: list[str] = []

        @operation()
        def act(step: str) -> Iterator[Any]:
            fails(step)
            ran.append(step)
            yield "true"

        @deploy("services")
        def tasks(_chosen: Any) -> None:
            for name in names:
                act(name=name, step=name)

        monkeypatch.setattr(content, "role_tasks", lambda _role: tasks)
        return ran

    return give


def part(operation: Any) -> str:
    return str(operation.name.partition(": ")[0]) if ": " in operation.name else ""


def test_a_part_fails_alone_and_the_rest_of_it_is_passed_over(session, steps) -> None:
    def check(step: str) -> None:
        if step == "web: files":
            raise InstanceFailed("no room")

    ran = steps("web: files", "job: files", "web: runs", "job: runs", fails=check)
    session.line_up({"services": None})
    ran.clear()
    heard: list[str] = []
    failed = session.execute(no, lambda one, _changed: heard.append(one.name), part_of=part)
    assert {name: str(failure) for name, failure in failed.items()} == {"web": "services | web: files: no room"}
    assert ran == heard == ["job: files", "job: runs"]


@pytest.mark.parametrize(("name", "connected"), [("files", True), ("web: files", False)])
def test_what_is_about_all_of_a_role_or_a_lost_connection_ends_it(session, steps, name, connected) -> None:
    def check(_step: str) -> None:
        raise InstanceFailed("no room")

    steps(name, "job: files", fails=check)
    session.line_up({"services": None})
    session.connector._wire.alive = connected
    with pytest.raises(InstanceFailed, match="no room"):
        session.execute(no, no, part_of=part)


class Login:
    """Stands for paramiko's client: what is written is kept, what it says is told."""

    def __init__(self, out: bytes = b"", err: bytes = b"", lost: bool = False):
        self.out, self.err, self.lost = out, err, lost
        self.written, self.ended, self.asked = "", False, ("", 0)
        self.channel = SimpleNamespace(shutdown_write=lambda: setattr(self, "ended", True))

    def exec_command(self, command: str, timeout: int) -> tuple[Any, Any, Any]:
        self.asked = (command, timeout)
        return (
            self,
            SimpleNamespace(read=lambda most: self.out[:most]),
            SimpleNamespace(read=lambda most: self.err[:most]),
        )

    def write(self, text: str) -> None:
        if self.lost:
            raise OSError("Socket is closed")
        self.written += text


@pytest.mark.parametrize(("out", "new"), [(b"welcome\nthere\n", False), (b"added\nbye\xff\n", True)])
def test_a_key_is_let_in_by_a_script_that_is_read_to_its_end(session, out, new) -> None:
    session.connector.client = login = Login(out)
    assert session.let_in("ssh-ed25519 AAAA me").new is new
    assert "ssh-ed25519 AAAA me" in login.written and login.ended
    assert login.asked[0] == "sh -s" and login.asked[1] > 0


@pytest.mark.parametrize(
    ("login", "words"),
    [
        (Login(b"not added\n"), "the key could not be let in: not added"),
        (Login(b"welcome", b"sh: read-only\xff\n"), "the key could not be let in: sh: read-only\ufffd"),
        (Login(), "the key could not be let in: nothing was said"),
        (Login(lost=True), "the connection was lost (Socket is closed)"),
    ],
)
def test_a_key_that_is_not_let_in_is_said(session, login, words) -> None:
    session.connector.client = login
    with pytest.raises(InstanceFailed) as failed:
        session.let_in("key")
    assert failed.value.error == words
    assert login.lost or failed.value.operation == "connect"


def login_of(session: Any) -> dict[str, Any]:
    """What paramiko is told of how to log in."""
    with session._context():
        told = session.connector.make_paramiko_kwargs()
    names = ("username", "password", "pkey", "allow_agent", "look_for_keys")
    return {name: told[name] for name in names if name in told}


def test_a_login_by_password_offers_no_key_and_shows_the_password_nowhere() -> None:
    from pydantic import SecretStr

    from gpustrap.engine.session import Session

    before = Session("box", {"ssh_hostname": "h", "ssh_user": "me", "ssh_key": "/no/such/key"})
    session = before.with_password(SecretStr("s3cret"))
    assert login_of(session) == {
        "username": "me",
        "password": "s3cret",
        "allow_agent": False,
        "look_for_keys": False,
    }
    assert session.host.name == "box" and "s3cret" not in repr(session._data)
    assert before._data["ssh_key"] == "/no/such/key"


def test_a_login_by_one_key_offers_no_other() -> None:
    from paramiko import ECDSAKey

    from gpustrap.engine.session import Session

    key = ECDSAKey.generate()
    session = Session("box", {"ssh_hostname": "h", "ssh_user": "me"}).with_key("/no/such/key", key)
    assert login_of(session) == {"username": "me", "pkey": key, "allow_agent": False, "look_for_keys": False}
    assert session.host.name == "box"


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("x" * 201 + "\nmore", f"survey: the survey was ended by an error on the instance: {'x' * 200}\n{SURVEY}"),
        ("sh: no such thing", f"survey: the survey was ended by an error on the instance: sh: no such thing\n{SURVEY}"),
        ("tee: x: No space left on device", "survey: the disk is full: tee: x: No space left on device\n"
         "hint: `df -h` on the instance shows which; free some, then run again"),
    ],
    ids=["long", "unknown", "full"],
)  # fmt: skip
def test_what_has_ended_a_survey_is_told_by_its_first_line(session, said, text) -> None:
    session.connector._wire.says = lambda _command: (1, "", said)
    with pytest.raises(InstanceFailed) as failed:
        session.survey()
    assert str(failed.value) == text


def test_why_an_operation_would_start_a_service_anew_and_what_it_fetches_is_what_it_noted(session, role) -> None:
    from gpustrap.engine import notes
    from gpustrap.resolve.download import Download

    turns: list[str] = []

    def commands() -> Iterator[str]:
        turns.append(notes.role_in_turn())
        notes.note_restart("its environment changes")
        notes.note_download(Download(7, "pypi"))
        yield "true"

    role(commands)
    session.line_up({"web": None})
    (operation,) = session.operations
    assert (session.restart(operation), session.downloads(operation)) == ("", ())
    session.would_change(operation)
    assert (session.restart(operation), session.downloads(operation)) == (
        "its environment changes", (Download(7, "pypi"),),
    )  # fmt: skip
    assert turns == ["web"]


def test_what_stands_of_gpustrap_is_what_the_fact_says(session, monkeypatch) -> None:
    from gpustrap.engine.facts.traces import Traces, TracesFact

    traces = Traces(foreign=("x",))
    monkeypatch.setattr(session.host, "get_fact", {TracesFact: traces}.__getitem__)
    assert session.traces() is traces


def test_operations_of_another_maker_are_lined_up_and_their_questions_are_not_kept(session, role) -> None:
    role(lambda: iter(["false"]))
    theirs, asked = content.role_tasks("web"), []
    role(lambda: iter([]))
    session.line_up({"web": 7}, lambda name: asked.append(name) or theirs)
    assert (asked, session.connector.keeps_questions) == (["web"], False)
    assert [(one.role, one.name, session.would_change(one)) for one in session.operations] == [
        ("web", "first step", True)
    ]


@pytest.mark.parametrize("wanted", [True, False, None])
def test_whether_a_person_wants_to_see_lines_is_asked_for_by_operations(wanted) -> None:
    from gpustrap.engine import notes
    from gpustrap.engine.session import Session

    session = Session("box", {} if wanted is None else {notes.DIFF: wanted})
    with session._context():
        assert notes.shows_lines() is bool(wanted)


def test_a_file_that_could_not_be_sent_is_told_in_the_words_of_what_wrote_it(session, role) -> None:
    from io import BytesIO

    from pyinfra.api import FileUploadCommand

    role(lambda: iter([FileUploadCommand(BytesIO(b"x"), "/f")]))
    session.line_up({"web": None})
    session.connector._wire.says = lambda _command: (1, "", "first\nmv: no room\n")
    with pytest.raises(InstanceFailed) as failed:
        session.execute(no, no)
    assert str(failed.value) == "web | first step: mv: no room\n/f was not written: what wrote it ended with 1"
