"""What can be said of an operation before it is run. The instance answers `yes` to every question."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gpustrap import content


@pytest.fixture
def foreseen() -> Callable[..., list[Any]]:
    """`foreseen(function, **how)`: the operation of that function, run in that way, ahead of time."""

    def give(function: Callable[[], Iterator[Any]], known: bool = True, **how: Any) -> list[Any]:
        from pyinfra.api import deploy, operation

        from gpustrap.engine.ahead import Foresight
        from gpustrap.engine.batch import Answer
        from gpustrap.engine.by_facts import by_facts
        from gpustrap.engine.session import Session

        session = Session("box", {})
        session.host.connected = True
        session.state.activate_host(session.host)
        session.connector._wire = type("Wire", (), {"run": lambda *_, **__: Answer(0 if known else 1, b"yes\n", b"")})()

        @deploy("role")
        def tasks(_chosen: Any) -> None:
            operation()(by_facts(function))(name="act", **how)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(content, "role_tasks", lambda _role: tasks)
            session.line_up({"role": None})
        (one,) = session.operations
        session.connector.answers = {"sh -c ask": Answer(0, b"yes\n", b"")} if known else {}
        with session._context():
            return [*Foresight(session.state, session.host, session.connector).of([one.hash])]

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


def asks_what_it_has_done() -> Iterator[Any]:
    yield "act"
    asks()


def asks_and_would_then_fetch() -> Iterator[Any]:
    yield "act"
    asks()
    pytest.fail("this is not to be done ahead of time")


def fetches() -> Iterator[Any]:
    from pyinfra import host

    from gpustrap.engine.by_facts import when_it_is_run

    when_it_is_run(host)
    pytest.fail("this is not to be done ahead of time")
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
    assert foreseen(function) == []


def test_one_whose_question_has_no_answer_is_left_for_its_turn(foreseen) -> None:
    assert foreseen(acts, known=False) == []


def test_more_than_one_request_may_send_waits_for_the_next_one(foreseen, monkeypatch) -> None:
    from gpustrap.engine import ahead

    monkeypatch.setattr(ahead, "MOST_BYTES", 2)
    assert foreseen(acts) == []
