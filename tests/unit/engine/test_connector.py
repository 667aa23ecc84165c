"""The box behind the connector is this machine's own `sh`: a fake of the wire, with real answers and real files."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest

from gpustrap.engine import questions
from gpustrap.errors import InstanceFailed

CANARY = "canary-5up3r"


@dataclass
class Run:
    command: str
    stdin: bytes
    seconds: float | None


@dataclass
class LocalBox:
    """Stands for a Wire: runs what it gets by `sh` here. `lost`: the connection ends at the next command."""

    runs: list[Run] = field(default_factory=list)
    lost: bool = False
    alive: bool = True
    closed: bool = False

    def run(
        self,
        command: str,
        *,
        stdin: bytes = b"",
        seconds: float | None = None,
        on_line: Callable[[str], None] | None = None,
        on_data: Callable[[bytes], None] | None = None,
    ) -> Any:
        from gpustrap.engine.batch import Answer

        self.runs.append(Run(command, stdin, seconds))
        if self.lost:
            raise InstanceFailed("the connection was lost")
        done = subprocess.run(["sh", "-c", command], input=stdin, capture_output=True)
        for line in done.stdout.decode().splitlines() if on_line else ():
            on_line(line)
        if on_data:
            on_data(done.stdout)
        return Answer(done.returncode, done.stdout, done.stderr)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def box() -> LocalBox:
    return LocalBox()


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return tmp_path / "memory.json"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """What the box is asked about."""
    path = tmp_path / "state"
    path.write_text("before\n")
    return path


@pytest.fixture
def connect(box: LocalBox, memory: Path):
    """`connect()`: a session whose connector remembers; `connect(replay=False)`: as with `--no-replay`."""

    def connected(replay: bool = True) -> Any:
        from gpustrap.engine.session import Session

        session = Session("box", {"gpustrap_memory": str(memory)} if replay else {})
        session.host.connected = True
        session.connector._wire = box
        session.connector.keeps_questions = True
        session.connector.refresh()
        return session

    return connected


def ask(session: Any, command: Any, **arguments: Any) -> list[str]:
    """A fact's lines, as a role's operation gets them."""
    from pyinfra.api import FactBase

    class Said(FactBase):  # type: ignore[type-arg]
        def command(self) -> Any:
            return command

        def process(self, output: list[str]) -> list[str]:
            return output

    with session._context():
        return session.host.get_fact(Said, **arguments) or []


def sent(session: Any, *commands: str) -> tuple[str, ...]:
    """The commands as the instance gets them."""
    from pyinfra.api import StringCommand

    return tuple(str(session.connector.as_sent(StringCommand(command), {})) for command in commands)


def shell(text: str) -> Any:
    from pyinfra.api import StringCommand

    return StringCommand(text)


# What may change the instance → how it is done. `stock` are pyinfra's own ways, which need a client.
CHANGES: dict[str, Callable[[Any], Any]] = {
    "a command": lambda connector: connector.run_shell_command(shell("true")),
    "a command that fails": lambda connector: connector.run_shell_command(shell("false")),
    "a command with stdin": lambda connector: connector.run_shell_command(shell("cat"), _stdin="x"),
    "a command on a terminal": lambda connector: connector.run_shell_command(shell("true"), _get_pty=True),
    "a script": lambda connector: connector.change("true"),
    "a file": lambda connector: connector.put_file(BytesIO(b"x"), "/dev/null/no/such/place"),
    "rsync": lambda connector: connector.rsync("src", "dest", []),
}


@pytest.mark.parametrize("lost", [False, True], ids=["done", "connection lost"])
@pytest.mark.parametrize("way", CHANGES)
def test_every_answer_is_dropped_before_a_change(way, lost, connect, box, state, memory, monkeypatch) -> None:
    from pyinfra.connectors.ssh import SSHConnector

    session = connect()
    questions.remember(memory, sent(session, f"cat {state}"))
    session.connector.refresh()
    for stock in ("run_shell_command", "rsync"):
        monkeypatch.setattr(SSHConnector, stock, lambda *_args, **_arguments: box.run("true"))
    assert ask(session, f"cat {state}") == ["before"]

    box.lost = lost
    with session._context(), suppress(InstanceFailed):
        CHANGES[way](session.connector)
    box.lost = False
    state.write_text("after\n")

    assert ask(session, f"cat {state}") == ["after"]


def test_what_the_last_run_asked_is_answered_from_one_exec(connect, box, memory) -> None:
    asked = ["echo one", "echo two; echo words >&2", "printf 'a\\n\\nb'"]
    questions.remember(memory, sent(connect(), *asked))
    box.runs.clear()

    session = connect()

    assert [ask(session, one) for one in asked] == [["one"], ["two"], ["a", "", "b"]]
    assert (session.connector.execs, len(box.runs)) == (1, 1)


CHECK = "echo checked"


def with_checks(session: Any, *checks: str) -> Any:
    session.connector.refresh(checks)
    return session.connector


def test_checks_are_asked_in_the_exec_of_the_facts(connect, box, memory) -> None:
    questions.remember(memory, sent(connect(), "echo one"))
    session = connect(replay=True)
    box.runs.clear()
    connector = with_checks(session, CHECK)
    assert (ask(session, "echo one"), len(box.runs)) == (["one"], 1)
    assert connector.checked()[CHECK].stdout == b"checked\n"
    connector.disconnect()
    assert questions.recall(memory) == sent(session, "echo one")  # a check is no fact


def test_no_check_is_asked_ahead_where_no_fact_is(connect, box) -> None:
    connector = with_checks(connect(), CHECK)
    assert (connector.checked(), box.runs) == ({}, [])
    connector = with_checks(connect(replay=False), CHECK)
    assert (connector.checked(), box.runs) == ({}, [])


def test_a_look_leaves_what_was_checked(connect, memory) -> None:
    questions.remember(memory, sent(connect(), "echo one"))
    session = connect()
    connector = with_checks(session, CHECK)
    ask(session, "echo new")
    assert CHECK in connector.checked()


@pytest.mark.parametrize("lost", [False, True], ids=["done", "connection lost"])
@pytest.mark.parametrize("way", CHANGES)
def test_nothing_that_was_checked_counts_after_a_change(way, lost, connect, box, memory, monkeypatch) -> None:
    from pyinfra.connectors.ssh import SSHConnector

    questions.remember(memory, sent(connect(), "echo one"))
    session = connect()
    for stock in ("run_shell_command", "rsync"):
        monkeypatch.setattr(SSHConnector, stock, lambda *_args, **_arguments: box.run("true"))
    connector = with_checks(session, CHECK)
    assert CHECK in connector.checked()
    box.lost = lost
    with session._context(), suppress(InstanceFailed):
        CHANGES[way](connector)
    assert connector.checked() == {}


@pytest.mark.parametrize("replay", [True, False])
def test_a_question_gives_the_same_replayed_or_not(connect, memory, replay) -> None:
    asked = ["echo one", "printf 'no newline'", "echo é", "printf 'a\\n\\n'", "printf '\\n'", "true"]
    questions.remember(memory, sent(connect(), *asked))
    session = connect(replay)
    said = [["one"], ["no newline"], ["é"], ["a", ""], [""], []]
    assert [ask(session, one) for one in asked] == said
    assert session.connector.execs == (1 if replay else len(asked))


def test_without_a_memory_each_question_is_an_exec_each_time(connect, box, memory) -> None:
    session = connect(replay=False)
    assert not session.connector.replays
    assert [ask(session, "echo one") for _ in range(3)] == [["one"]] * 3
    assert session.connector.execs == len(box.runs) == 3
    session.connector.disconnect()
    assert not memory.exists()


def test_a_question_that_is_new_is_asked_once_and_then_known(connect, box) -> None:
    session = connect()
    assert [ask(session, "echo one") for _ in range(3)] == [["one"]] * 3
    assert len(box.runs) == 1


def test_a_question_that_failed_is_asked_again(connect, box, state) -> None:
    session = connect()
    with suppress(Exception):
        ask(session, f"grep after {state}")
    state.write_text("after\n")
    assert ask(session, f"grep after {state}") == ["after"]


def test_a_batch_that_cannot_be_read_is_asked_one_by_one(connect, box, memory, monkeypatch) -> None:
    from gpustrap.engine import batch

    questions.remember(memory, sent(connect(), "echo one", "echo two"))
    monkeypatch.setattr(batch, "script", lambda _commands: "echo cannot create /tmp/x: No space left on device >&2")
    session = connect()
    assert [ask(session, "echo one"), ask(session, "echo two")] == [["one"], ["two"]]


def test_a_question_that_the_batch_left_out_is_asked_on_its_own(connect, memory, monkeypatch) -> None:
    from gpustrap.engine import batch

    questions.remember(memory, sent(connect(), "echo one", "echo slow"))
    parse = batch.parse
    monkeypatch.setattr(batch, "parse", lambda output, count: [*parse(output, count)[:-1], None])
    session = connect()
    assert [ask(session, "echo one"), ask(session, "echo slow")] == [["one"], ["slow"]]
    assert session.connector.execs >= 2


def test_after_a_change_the_questions_still_to_come_are_asked_in_one_exec(connect, box, memory) -> None:
    asked = [f"echo {word}" for word in ("one", "two", "three", "four")]
    questions.remember(memory, sent(connect(), *asked))
    session = connect()
    ask(session, asked[0])
    session.connector.change("true")
    box.runs.clear()

    assert [ask(session, one) for one in asked[1:]] == [["two"], ["three"], ["four"]]

    (batch,) = box.runs
    assert shlex.quote("echo one") not in batch.command  # behind us: only what is still to come is asked again
    assert shlex.quote("echo four") in batch.command


def test_what_is_remembered_is_what_was_asked_in_order(connect, box, memory, state) -> None:
    questions.remember(memory, ("sh -c 'echo of an older run'",))
    session = connect()
    ask(session, "echo b")
    session.connector.run_shell_command(shell(f"echo changed >{state}"))
    session.connector.change("true")
    ask(session, "echo a")
    ask(session, "echo b")

    session.connector.disconnect()

    assert questions.recall(memory) == sent(session, "echo b", "echo a")
    assert box.closed


@pytest.mark.parametrize("asks", [False, True], ids=["nothing asked", "only looked"])
def test_a_run_that_did_not_ask_all_leaves_the_memory_alone(connect, memory, asks) -> None:
    questions.remember(memory, ("sh -c 'echo of an older run'",))
    session = connect()
    if asks:
        ask(session, "echo b")
        session.connector.keeps_questions = False
    session.connector.disconnect()
    assert questions.recall(memory) == ("sh -c 'echo of an older run'",)


def hidden(form: str) -> Any:
    from pyinfra.api import MaskString, QuoteString, StringCommand
    from pyinfra.api.hiddenvalue import HiddenValue

    return {
        "a hidden value": StringCommand("echo", HiddenValue(CANARY)),
        "a quoted hidden value": StringCommand("echo", QuoteString(HiddenValue(CANARY))),
        "a masked text": StringCommand("echo", MaskString(CANARY)),
        "inside another command": StringCommand("echo", StringCommand("", HiddenValue(CANARY))),
    }[form]


@pytest.mark.parametrize("form", ["a hidden value", "a quoted hidden value", "a masked text", "inside another command"])
def test_a_hidden_value_is_asked_each_time_and_never_stored(form, connect, box, memory) -> None:
    session = connect()
    with session.connector.rehearsing():
        ask(session, hidden(form))
    assert [ask(session, hidden(form)) for _ in range(2)] == [[CANARY]] * 2
    assert len(box.runs) == 2
    ask(session, "echo plain")

    session.connector.disconnect()

    assert CANARY not in memory.read_text()
    assert not any(CANARY in kept for kept in (*session.connector.answers, *session.connector._expected))


@pytest.mark.parametrize("arguments", [{"_stdin": "x"}, {"_timeout": 5}, {"_get_pty": True}], ids=str)
def test_a_question_with_conditions_of_its_own_is_never_replayed(arguments, connect, box, memory, monkeypatch) -> None:
    from pyinfra.connectors.ssh import SSHConnector
    from pyinfra.connectors.util import CommandOutput, OutputLine

    def stock(*_args: Any, **_arguments: Any) -> Any:
        box.run("echo terminal")
        return True, CommandOutput([OutputLine("stdout", "one")])

    monkeypatch.setattr(SSHConnector, "run_shell_command", stock)
    questions.remember(memory, sent(connect(), "echo one"))
    session = connect()
    box.runs.clear()

    for _ in range(2):
        session.connector._asking = True
        succeeded, output = session.connector.run_shell_command(shell("echo one"), **arguments)
        assert (succeeded, output.stdout_lines) == (True, ["one"])

    assert len(box.runs) == 2
    session.connector.disconnect()
    assert questions.recall(memory) == sent(session, "echo one")  # as before: nothing of it was noted


@pytest.mark.parametrize(
    ("asking", "timeout", "limited"), [(True, None, True), (False, None, False), (False, 7, 7), (True, 7, 7)]
)
def test_a_question_has_a_time_limit_and_a_change_has_the_one_it_names(connect, box, asking, timeout, limited) -> None:
    from gpustrap.engine.connector import ANSWER_SECONDS

    session = connect()
    session.connector._asking = asking
    session.connector.run_shell_command(shell("true"), _timeout=timeout)
    assert box.runs[-1].seconds == {True: ANSWER_SECONDS, False: None}.get(limited, limited)


def test_what_a_change_prints_is_heard_and_what_a_question_prints_is_not(connect) -> None:
    session, heard = connect(), []
    session.connector.on_line = heard.append
    ask(session, "echo question")
    session.connector.run_shell_command(shell("echo change"))
    session.connector.change("echo script", heard.append)
    assert heard == ["change", "script"]


@pytest.mark.parametrize(
    ("codes", "status", "succeeds"), [(None, 0, True), (None, 3, False), ([3], 3, True), ([3], 0, False)]
)
@pytest.mark.parametrize("replayed", [True, False])
def test_the_exit_status_says_whether_a_question_succeeded(connect, memory, codes, status, succeeds, replayed) -> None:
    questions.remember(memory, sent(connect(), f"exit {status}") if replayed else ())
    session = connect()
    session.connector._asking = True
    arguments = {"_success_exit_codes": codes} if codes else {}
    assert session.connector.run_shell_command(shell(f"exit {status}"), **arguments)[0] is succeeds


@pytest.mark.parametrize(
    ("stdin", "arrives"),
    [("text", b"text\n"), ("text\n", b"text\n"), (["one", "two\n"], b"one\ntwo\n"), (None, b""), ("é", "é\n".encode())],
)
def test_stdin_arrives_in_lines(connect, box, stdin, arrives) -> None:
    session = connect()
    session.connector.run_shell_command(shell("cat"), _stdin=stdin)
    assert box.runs[-1].stdin == arrives
    assert session.connector.uploads == (1 if stdin else 0)


def test_a_rehearsal_reaches_nobody_and_hears_what_will_be_asked(connect, box, state) -> None:
    session = connect()
    with session.connector.rehearsing():
        assert ask(session, f"cat {state}") == []
        assert ask(session, "echo two") == []
        assert session.connector.run_shell_command(shell(f"rm {state}"))[0] is False
        assert (box.runs, session.connector.execs) == ([], 0)

    assert state.exists()
    assert [ask(session, f"cat {state}"), ask(session, "echo two")] == [["before"], ["two"]]
    assert session.connector.execs == len(box.runs) == 1


def test_a_rehearsal_that_is_cut_off_is_over(connect, box) -> None:
    session = connect()
    with suppress(KeyError), session.connector.rehearsing():
        raise KeyError
    assert ask(session, "echo one") == ["one"]


def test_a_question_inside_a_question_does_not_end_the_asking(connect, box, state) -> None:
    """Else the outer one counts as a change, and all answers are asked again."""
    session = connect()
    connector = session.connector
    inner = connector._asks(lambda: None)

    def outer() -> bool:
        inner()
        return connector._asking

    assert connector._asks(outer)() is True
    assert connector._asking is False
    with suppress(KeyError):
        connector._asks(lambda: {}["missing"])()
    assert connector._asking is False


@pytest.mark.parametrize("content", [BytesIO(b"bytes\0\xff"), StringIO("text\né")])
@pytest.mark.parametrize("name", ["plain", "it's a name; $(touch no)"])
def test_a_file_is_sent_whole_for_its_owner_alone(connect, tmp_path, content, name) -> None:
    session, content = connect(), type(content)(content.getvalue())
    with session._context():
        assert session.connector.put_file(content, str(tmp_path / name)) is True
    data = content.getvalue()
    assert (tmp_path / name).read_bytes() == (data if isinstance(data, bytes) else data.encode())
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (session.connector.execs, session.connector.uploads) == (1, 1)


def test_a_file_that_stands_there_is_whole_until_the_new_one_is(connect, box, tmp_path) -> None:
    """The new content stands beside it first: what is cut off on its way replaces nothing."""
    old = tmp_path / "file"
    old.write_text("old")
    session = connect()
    with session._context():
        session.connector.put_file(BytesIO(b"new"), str(old))
    command, new = box.runs[-1].command, f"{old}.gpustrap-new"
    assert command.index(f"cat >{new}") < command.index(f"mv -f {new} {old}")


def test_a_file_that_cannot_be_put_in_place_leaves_nothing(connect, tmp_path) -> None:
    stands = tmp_path / "folder"  # `mv` to a folder that holds one of the same name as a folder fails
    (stands / "folder.gpustrap-new").mkdir(parents=True)
    session = connect()
    with session._context():
        assert session.connector.put_file(BytesIO(b"new"), str(stands)) is False
    words, ended = session.connector.not_sent
    assert words.startswith("mv: ") and ended == f"{stands} was not written: what wrote it ended with 1"
    assert not (tmp_path / "folder.gpustrap-new").exists()


def test_execs_and_uploads_are_counted_as_the_instance_sees_them(connect, box, memory, monkeypatch) -> None:
    from pyinfra.connectors.ssh import SSHConnector

    monkeypatch.setattr(SSHConnector, "rsync", lambda *_args, **_arguments: True)
    questions.remember(memory, sent(connect(), "echo one"))
    box.runs.clear()
    session = connect()
    ask(session, "echo one")
    session.connector.run_shell_command(shell("true"))
    session.connector.run_shell_command(shell("cat"), _stdin="x")
    session.connector.change("true")
    with session._context():
        session.connector.put_file(BytesIO(b""), "/dev/null/no/such/place")
    session.connector.rsync("src", "dest", [])
    assert (session.connector.execs, session.connector.uploads) == (len(box.runs), 3) == (5, 3)


def test_without_a_connection_it_says_so() -> None:
    from gpustrap.engine.session import Session

    connector = Session("box", {}).connector
    assert connector.connected is False
    with pytest.raises(InstanceFailed) as failed:
        connector.change("true")
    assert failed.value.error == "the connection was lost"


def test_a_gateway_gets_a_minute_for_its_banner() -> None:
    from gpustrap.engine.session import Session

    session = Session("box", {"ssh_config_file": "/dev/null"})
    assert session.connector.make_paramiko_kwargs()["banner_timeout"] == 60


def test_a_new_look_asks_again_and_what_it_does_not_tell_is_not_known(connect, memory, state, monkeypatch) -> None:
    from gpustrap.engine import batch

    questions.remember(memory, sent(connect(), f"cat {state}", "echo two"))
    session = connect()
    assert session.connector.execs == 1  # on connecting, before anything is asked
    state.write_text("after\n")
    parse = batch.parse
    monkeypatch.setattr(batch, "parse", lambda output, count: [None, *parse(output, count)[1:]])
    session.connector.refresh()
    assert session.connector.execs == 2
    assert [*session.connector.answers] == [*sent(session, "echo two")]
    monkeypatch.undo()
    assert ask(session, f"cat {state}") == ["after"]


def test_what_a_rehearsal_heard_is_asked_at_its_end_but_for_what_is_known(connect, box) -> None:
    session = connect()
    ask(session, "echo one")
    box.runs.clear()
    with session.connector.rehearsing():
        for word in ("one", "two", "three"):
            ask(session, f"echo {word}")
    (batch,) = box.runs
    assert shlex.quote("echo one") not in batch.command
    assert all(shlex.quote(f"echo {word}") in batch.command for word in ("two", "three"))
    assert [ask(session, f"echo {word}") for word in ("one", "two", "three")] == [["one"], ["two"], ["three"]]
    assert len(box.runs) == 1


def test_after_a_change_what_a_rehearsal_heard_is_asked_in_one_exec(connect, box) -> None:
    session = connect()
    with session.connector.rehearsing():
        for word in ("one", "two", "three"):
            ask(session, f"echo {word}")
    session.connector.change("true")
    box.runs.clear()
    assert [ask(session, f"echo {word}") for word in ("two", "three")] == [["two"], ["three"]]
    (batch,) = box.runs
    assert shlex.quote("echo one") not in batch.command


def test_many_questions_at_once_have_a_time_limit_beyond_that_of_each(connect, box, monkeypatch) -> None:
    from gpustrap.engine import batch

    session = connect()
    parse = batch.parse
    monkeypatch.setattr(batch, "parse", lambda output, count: [*parse(output, count)[:-1], None])
    assert [*session.connector.ask(("echo one", "echo slow"))] == ["echo one"]
    assert box.runs[-1].seconds == 75 > batch.COMMAND_SECONDS


def test_of_a_connector_that_nobody_told_otherwise_the_questions_are_kept(connect, memory) -> None:
    session = connect()
    stock = type(session.connector)(session.state, session.host)
    assert (stock.keeps_questions, stock.execs, stock.uploads, stock.ended) == (True, 0, 0, 0)


@pytest.mark.parametrize(
    ("arguments", "by"),
    [({"_chdir": "/nowhere", "_env": {"A": "b"}}, ""), ({"_sudo": True}, "sudo"), ({"_su_user": "bob"}, "su"), ({"_doas": True}, "doas")],
)  # fmt: skip
def test_a_file_is_put_where_it_is_told_by_whom_it_is_told(connect, box, monkeypatch, arguments, by) -> None:
    session = connect()
    commands: list[str] = []
    monkeypatch.setattr(box, "run", lambda command, **_: commands.append(command) or _answered())
    with session._context():
        session.connector.put_file(BytesIO(b"x"), "/tmp/file", **arguments)
    assert "/nowhere" not in commands[-1]
    assert commands[-1].split()[0] == (by or "sh")


def _answered() -> Any:
    from gpustrap.engine.batch import Answer

    return Answer(0, b"", b"")


def test_its_name_is_all_that_an_inventory_of_the_stock_cli_needs() -> None:
    from gpustrap.engine.connector import ReplayConnector

    assert [*ReplayConnector.make_names_data("box")] == [("box", {}, [])]


@pytest.mark.parametrize(("user", "root"), [("root", True), (None, True), ("ubuntu", False)])
def test_connecting_opens_a_wire_for_the_logins_user_and_asks_at_once(
    connect, box, memory, monkeypatch, user, root
) -> None:
    from pydantic import SecretStr
    from pyinfra.connectors.ssh import SSHConnector

    from gpustrap.engine import connector as module

    questions.remember(memory, sent(connect(), "echo one"))
    session, made = connect(), []
    session.connector.data["gpustrap_sudo_password"] = SecretStr("canary")
    session.connector.data["gpustrap_checks"] = str(memory.with_name("checks"))
    questions.remember(memory.with_name("checks"), (CHECK,))
    transport = type("Transport", (), {"get_username": lambda _self: user})()
    client = type("Client", (), {"get_transport": lambda _self: transport})()

    def wire(client: Any, user: str, password: Any) -> Any:
        made.append((client, user, password))
        return box

    monkeypatch.setattr(module, "Wire", wire)
    monkeypatch.setattr(SSHConnector, "connect", lambda self: setattr(self, "client", client))
    box.runs.clear()
    heard: list[int] = []
    session.connector.on_open = lambda: heard.append(len(box.runs))
    session.connector.connect()
    assert heard == [0]
    assert [(each[0], each[1] == "root") for each in made] == [(client, root)]
    assert made[0][2].get_secret_value() == "canary"
    assert len(box.runs) == 1 and ask(session, "echo one") == ["one"]
    assert [*session.connector.checked()] == [CHECK]


def test_disconnecting_ends_ssh_before_anything_is_kept(connect, box, memory, monkeypatch) -> None:
    from pyinfra.connectors.ssh import SSHConnector

    order: list[str] = []
    monkeypatch.setattr(SSHConnector, "disconnect", lambda _self: order.append("ssh"))
    monkeypatch.setattr(questions, "remember", lambda *_: order.append("kept"))
    session = connect()
    ask(session, "echo one")
    connector = with_checks(session, CHECK)
    connector.disconnect()
    assert (order, box.closed) == (["ssh", "kept"], True)
    assert (connector.answers, connector.checked()) == ({}, {})


def test_what_stock_ways_give_is_handed_on(connect, box, monkeypatch) -> None:
    from pyinfra.connectors.ssh import SSHConnector

    monkeypatch.setattr(SSHConnector, "rsync", lambda *_args, **_arguments: "as rsync says")
    monkeypatch.setattr(SSHConnector, "run_shell_command", lambda *_args, **given: (True, given))
    connector = connect().connector
    assert connector.rsync("src", "dest", []) == "as rsync says"
    shown = {"print_output": True, "print_input": True, "_get_pty": True}
    assert connector.run_shell_command(shell("true"), **shown) == (True, shown)
    assert connector.run_shell_command(shell("true"), _get_pty=True) == (
        True, {"print_output": False, "print_input": False, "_get_pty": True},
    )  # fmt: skip
    assert box.runs == []


def test_an_answer_of_several_lines_is_known_as_it_was_given(connect, box) -> None:
    session = connect()
    said = [ask(session, "printf 'one\\n\\ntwo\\n'") for _ in range(2)]
    assert said == [["one", "", "two"]] * 2 and len(box.runs) == 1


def test_only_a_file_that_did_not_arrive_is_an_error_in_the_log(connect, tmp_path, monkeypatch) -> None:
    from gpustrap.engine import connector as module

    said: list[str] = []
    monkeypatch.setattr(module.logger, "error", said.append)
    session = connect()
    with session._context():
        session.connector.put_file(BytesIO(b"x"), str(tmp_path / "file"))
        assert said == []
        session.connector.put_file(BytesIO(b"x"), "/dev/null/no")
    assert len(said) == 1 and said[0].strip() == said[0] != ""


def test_a_new_look_asks_what_this_run_asked_before_what_was_asked_then(connect, box, memory) -> None:
    questions.remember(memory, sent(connect(), "echo of an older run"))
    session = connect()
    ask(session, "echo one")
    session.connector.refresh()
    assert [*session.connector.answers] == [*sent(session, "echo one")]


def test_one_whose_framed_answer_cannot_be_taken_apart_is_asked_alone(connect, box, monkeypatch) -> None:
    """A full disk, where no answer can be written to a file: verify and status ask like this."""
    from gpustrap.engine import batch

    def cut(output: bytes, count: int) -> list[Any]:
        raise batch.BadFrame("cut")

    monkeypatch.setattr(batch, "parse", cut)
    connector = connect().connector
    answers = connector.ask(("echo in; echo err >&2; exit 3",))
    assert answers == {"echo in; echo err >&2; exit 3": batch.Answer(3, b"in\n", b"err\n")}
    assert box.runs[-1].seconds == 75
    assert connector.ask(("echo one", "echo two")) == {}


def test_nothing_else_is_run_while_checks_are_answered(connect, box, memory, monkeypatch) -> None:
    """Some boxes allow one session."""
    from gevent import sleep

    questions.remember(memory, sent(connect(), "echo one"))
    session, order, run = connect(), [], box.run

    def slow(command: str, **given: Any) -> Any:
        order.append("begins")
        answer = run(command, **given)
        sleep(0)
        order.append("ends")
        return answer

    monkeypatch.setattr(box, "run", slow)
    connector = with_checks(session, CHECK)
    assert ask(session, "echo other") == ["other"]
    assert order == ["begins", "ends"] * 2
    assert CHECK in connector.checked()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("echo out; echo ' why ' >&2; exit 3", "why"),
        ("echo out; exit 3", "out"),
        ("exit 3", "a question ended with 3 and said nothing"),
        ("printf 'caf\\351' >&2; exit 3", "caf\ufffd"),
        ("echo well", ""),
    ],
)
def test_the_words_of_a_question_that_failed_are_kept_and_how_a_change_ended(connect, command, words) -> None:
    connector = connect().connector
    connector._asking = True
    connector.run_shell_command(shell(command))
    assert (connector.unanswered, connector.ended) == (words, 0)
    connector._asking, connector.unanswered = False, ""
    connector.run_shell_command(shell("exit 4"))
    connector.run_shell_command(shell("true"))
    assert (connector.unanswered, connector.ended) == ("", 4)


def test_what_a_question_says_without_processes_is_no_answer_and_a_change_tells_it_itself(connect) -> None:
    connector = connect().connector
    words = "printf 'sh: 1: Cannot fork' >&2; false"
    connector.run_shell_command(shell(words))
    connector._asking = True
    with pytest.raises(InstanceFailed, match="the instance can start no more processes"):
        connector.run_shell_command(shell(words))


def test_what_a_change_gives_is_no_answer_to_anything(connect) -> None:
    session = connect()
    ask(session, "echo one")
    session.connector.run_shell_command(shell("echo change"))
    assert session.connector.answers == {}


def test_checks_that_are_under_way_are_ended_before_a_change(connect) -> None:
    connector, ended = connect().connector, []
    connector.behind = type("Behind", (), {"end": lambda _self: ended.append("ended"), "wait": lambda _self: None})()
    connector.forget()
    connector.forget()
    assert (ended, connector.behind) == (["ended"], None)


@pytest.mark.parametrize("seconds", [None, 5])
def test_a_script_has_the_time_that_is_given_to_it(connect, box, seconds) -> None:
    assert connect().connector.change("echo in", seconds=seconds).stdout == b"in\n"
    assert box.runs[-1].seconds == seconds
