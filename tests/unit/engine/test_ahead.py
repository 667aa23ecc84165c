"""What can be said of an operation before it is run. The instance answers `yes` to every question."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from gevent import GreenletExit, Timeout

from gpustrap import content

done: list[str] = []  # what was done though it is not to be done ahead of time


class Wire:
    """Answers every question, and says what else it was told to run."""

    def __init__(self, answer: Any):
        self.answer = answer

    def run(self, command: str, **_: Any) -> Any:
        done.extend([] if "ask" in command else [command])
        return self.answer


@pytest.fixture
def foreseen() -> Callable[..., list[Any]]:
    """`foreseen(function, **how)`: the operation of that function, run in that way, ahead of time; and one behind it."""

    def give(
        function: Callable[[], Iterator[Any]],
        known: bool = True,
        kept: bool = True,
        behind: Callable[[], Iterator[Any]] | None = None,
        **how: Any,
    ) -> list[Any]:
        from pyinfra.api import deploy, operation

        from gpustrap.engine.ahead import Foresight
        from gpustrap.engine.batch import Answer
        from gpustrap.engine.by_facts import by_facts
        from gpustrap.engine.session import Session

        session = Session("box", {})
        session.host.connected = True
        session.state.activate_host(session.host)
        session.connector._wire = Wire(Answer(0 if known else 1, b"yes\n", b""))

        @deploy("role")
        def tasks(_chosen: Any) -> None:
            operation()(by_facts(function))(name="act", **how)
            if behind is not None:
                operation()(by_facts(behind))(name="behind")

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(content, "role_tasks", lambda _role: tasks)
            session.line_up({"role": None})
        session.connector.answers = {"sh -c ask": Answer(0, b"yes\n", b"")} if known and kept else {}
        hashes = [one.hash for one in session.operations]
        with session._context():
            return [*Foresight(session.state, session.host, session.connector).of(hashes)]

    return give


def asks() -> list[str]:
    from pyinfra import host
    from pyinfra.api import FactBase

    class Said(FactBase):  # type: ignore[type-arg]
        def command(self) -> str:
            return "ask"

        def process(self, output: list[str]) -> list[str]:
            return output

    return host.get_fact(Said)  # type: ignore[no-any-return]


def acts() -> Iterator[Any]:
    from pyinfra.api import StringCommand

    if asks() == ["yes"]:
        yield StringCommand("act", _stdin="in", _success_exit_codes=[0, 3])


def acts_unasked() -> Iterator[Any]:
    from pyinfra.api import StringCommand

    yield StringCommand("act")


def acts_for_new_logins() -> Iterator[Any]:
    from pyinfra import host

    from gpustrap.engine.by_facts import new_login_follows

    new_login_follows(host)
    yield from acts_unasked()


def test_what_only_a_new_login_has_ends_its_request(foreseen) -> None:
    assert [one.is_last for one in foreseen(acts, behind=acts_unasked)] == [False, False]
    assert [one.is_last for one in foreseen(acts_for_new_logins, behind=acts_unasked)] == [True]
    assert [one.is_last for one in foreseen(acts_unasked, behind=acts_for_new_logins)] == [False, True]


def test_its_question_and_its_commands_are_known(foreseen) -> None:
    from gpustrap.engine.changes import Command, Step

    (one,) = foreseen(acts)
    assert one.step == Step(("sh -c ask",), (Command("sh -c act", b"in\n", (0, 3)),))
    assert [str(command) for command in one.commands] == ["act"]


@pytest.mark.parametrize(
    "how",
    [
        {"_if": lambda: True}, {"_ignore_errors": True}, {"_continue_on_error": True}, {"_retries": 2},
        {"_timeout": 5}, {"_sudo": True}, {"_su_user": "a"}, {"_doas": True}, {"_dzdo": True},
    ],
    ids=lambda how: next(iter(how)),
)  # fmt: skip
def test_one_that_is_not_simply_run_is_left_for_its_turn(foreseen, how) -> None:
    assert foreseen(acts, **how) == []
    assert foreseen(acts_unasked, **how) == []  # there is no question that would be asked in that way, too


def test_how_it_is_run_is_said_of_all_its_commands(foreseen) -> None:
    (one,) = foreseen(acts_unasked, _env={"A": "b"}, _chdir="/there", _success_exit_codes=[0, 5])
    (command,) = one.step.commands
    assert command.good == (0, 5)
    assert "A=b" in command.text and "cd /there" in command.text


def asks_what_it_has_done() -> Iterator[Any]:
    yield "act"
    asks()


def asks_and_would_then_fetch() -> Iterator[Any]:
    yield "act"
    asks()
    done.append("fetched")


def fetches() -> Iterator[Any]:
    from pyinfra import host

    from gpustrap.engine.by_facts import when_it_is_run

    when_it_is_run(host)
    done.append("fetched")
    yield


def fails() -> Iterator[Any]:
    asks()
    raise OSError("no such template")
    yield


def runs_something_else() -> Iterator[Any]:
    from pyinfra import host

    host.run_shell_command("rm -rf /")
    yield "act"


def calls() -> Iterator[Any]:
    from pyinfra.api import FunctionCommand

    yield FunctionCommand(print, (), {})


def sends() -> Iterator[Any]:
    from pyinfra.api import FileUploadCommand

    yield FileUploadCommand("here", "/there")


def alone() -> Iterator[Any]:
    from pyinfra.api import StringCommand

    yield StringCommand("act", _get_pty=True)


LATER = [asks_what_it_has_done, asks_and_would_then_fetch, fetches, fails, runs_something_else, calls, sends, alone]


@pytest.mark.parametrize("function", LATER)
def test_one_that_does_more_than_ask_and_run_is_left_for_its_turn(foreseen, function) -> None:
    done.clear()
    assert (foreseen(function), done) == ([], [])


@pytest.mark.parametrize("end", [KeyboardInterrupt, GreenletExit, Timeout])
def test_what_ends_a_run_ends_it_here_too(foreseen, end: type[BaseException]) -> None:
    def ends() -> Iterator[Any]:
        asks()
        raise end
        yield

    with pytest.raises(end):
        foreseen(ends)


def test_one_whose_question_has_no_answer_is_left_for_its_turn(foreseen) -> None:
    assert foreseen(acts, known=False) == []
    assert foreseen(acts, kept=False) == []  # the instance could not say later whether it is still so


def test_more_than_one_request_may_send_waits_for_the_next_one(foreseen, monkeypatch) -> None:
    from gpustrap.engine import ahead

    monkeypatch.setattr(ahead, "MOST_BYTES", 2)
    assert foreseen(acts) == []


@pytest.fixture
def lined_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`lined_up(function, answers)`: a session in which it is the only operation, and what it asks is answered."""

    def give(function: Callable[[], Iterator[Any]], answers: dict[str, Any]) -> Any:
        from pyinfra.api import deploy, operation

        from gpustrap.engine.by_facts import by_facts
        from gpustrap.engine.session import Session

        @deploy("role")
        def tasks(_chosen: Any) -> None:
            operation()(by_facts(function))(name="act")

        monkeypatch.setattr(content, "role_tasks", lambda _role: tasks)
        session = Session("box", {"gpustrap_memory": str(tmp_path / "memory")})
        session.host.connected = True
        session.state.activate_host(session.host)
        session.connector.answers = answers
        session.line_up({"role": None})
        return session

    return give


def test_what_follows_from_known_answers_is_worked_out_once_until_they_are_dropped(lined_up) -> None:
    from gpustrap.engine.batch import Answer

    times = []

    def counted() -> Iterator[Any]:
        times.append(1)
        yield from acts()

    session = lined_up(counted, {"sh -c ask": Answer(0, b"no\n", b"")})
    (one,) = session.operations
    assert (session.would_change(one), session.would_change(one)) == (False, False)
    changed = []
    session.execute(lambda _one: None, lambda _one, its: changed.append(its))
    assert (len(times), changed) == (1, [False])
    session.connector.forget()
    session.connector.answers = {"sh -c ask": Answer(0, b"yes\n", b"")}
    assert (session.would_change(one), len(times)) == (True, 2)


def test_what_an_operation_puts_together_only_when_it_is_run_is_not_taken_from_the_look_before(lined_up) -> None:
    """As the role project does, which packs an archive only for a run."""

    running: list[bool] = []

    def packs() -> Iterator[Any]:
        from pyinfra import host
        from pyinfra.api import StringCommand

        running.append(host.state.is_executing)
        yield StringCommand("send" if host.state.is_executing else "true")

    session = lined_up(packs, {})
    (one,) = session.operations
    assert session.would_change(one)
    session.state.is_executing = True
    with session._context():
        run = [session._foresight.one(one.hash) for _ in range(2)]
    assert [str(command) for each in run for command in each.commands] == ["send", "send"]
    assert running == [False, True]  # once each
