from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from gpustrap.engine import questions


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return tmp_path / "checks.json"


@pytest.fixture
def backend(connector, memory):
    """`backend()` remembers; `backend(None)`: as with `--no-replay`."""

    def made(remembered: Path | None = memory) -> Any:
        from gpustrap.verify.backend import SessionBackend

        return SessionBackend("box", connector, remembered)

    return made


def test_a_command_gives_what_testinfra_wants(backend) -> None:
    got = backend().run("echo é; echo words >&2; exit 3")
    assert (got.rc, got.stdout, got.stderr, got.stdout_bytes) == (3, "é\n", "words\n", "é\n".encode())


def test_what_is_no_text_is_read_all_the_same(backend) -> None:
    got = backend().run("printf 'a\\377b'; printf '\\376' >&2")
    assert (got.stdout, got.stderr) == ("a\ufffdb", "\ufffd")


def test_a_value_is_quoted(backend) -> None:
    assert backend().run("printf %%s %s", "it's; $(id)").stdout == "it's; $(id)"


def test_each_command_is_asked_once_a_run(backend, connector) -> None:
    one = backend()
    for _ in range(3):
        one.begin_test()
        assert one.run("echo one").stdout == "one\n"
    assert connector.asked == [("echo one",)]


def test_what_one_test_asks_again_is_asked_anew(backend, connector, memory) -> None:
    questions.remember(memory, ["echo one"])
    one = backend()
    one.prefetch()
    one.begin_test()
    assert [one.run("echo one").stdout for _ in range(3)] == ["one\n"] * 3
    one.end_test()  # who asks why it failed gets the last answer
    assert one.run("echo one").stdout == "one\n"
    assert connector.asked == [("echo one",)] * 3


def test_what_the_last_verification_asked_is_asked_in_one_exec(backend, connector, memory) -> None:
    questions.remember(memory, ["echo one", "echo of an older run"])
    one = backend()
    one.prefetch()
    assert one.run("echo one").stdout == "one\n"
    assert connector.asked == [("echo one", "echo of an older run")]
    one.close()
    assert questions.recall(memory) == ("echo one",)  # what was asked now, not what was then


def test_what_was_checked_with_the_facts_is_not_asked_again(backend, connector, memory) -> None:
    from gpustrap.engine.batch import Answer

    questions.remember(memory, ["echo one", "echo two"])
    connector.answered = {"echo one": Answer(0, b"with the facts\n", b""), "echo other": Answer(0, b"", b"")}
    one = backend()
    one.prefetch()
    assert (one.run("echo one").stdout, one.run("echo two").stdout) == ("with the facts\n", "two\n")
    assert connector.asked == [("echo two",)]


def test_without_a_memory_nothing_that_was_checked_before_is_used(backend, connector) -> None:
    from gpustrap.engine.batch import Answer

    connector.answered = {"echo one": Answer(0, b"with the facts\n", b"")}
    one = backend(None)
    one.prefetch()
    assert one.run("echo one").stdout == "one\n"


def test_a_rehearsal_asks_nobody_and_is_asked_in_one_exec_after_it(backend, connector) -> None:
    one = backend()
    one.rehearse(True)
    got = one.run("echo one")
    assert (got.rc, got.stdout, got.stderr, connector.asked) == (0, "", "", [])
    one.run("echo two")
    one.rehearse(False)
    one.prefetch()
    assert (one.run("echo one").stdout, connector.asked) == ("one\n", [("echo one", "echo two")])


def test_a_rehearsal_of_a_test_that_polls_ends_where_it_asks_again(backend, connector) -> None:
    one = backend()
    one.rehearse(True)
    one.begin_test()
    one.run("echo one")
    with pytest.raises(pytest.fail.Exception, match=r"^asks again$"):
        one.run("echo one")
    one.begin_test()
    one.run("echo one")  # another test may ask it, too
    assert connector.asked == []


def test_a_rehearsal_ends_where_a_test_asks_ever_more(backend, monkeypatch) -> None:
    from gpustrap.verify import backend as module

    monkeypatch.setattr(module, "MOST_REHEARSED", 2)
    one = backend()
    one.rehearse(True)
    one.begin_test()
    one.run("echo 1")
    one.run("echo 2")
    with pytest.raises(pytest.fail.Exception, match="asks again"):
        one.run("echo 3")


def test_what_is_known_is_answered_in_a_rehearsal_too(backend, connector, memory) -> None:
    questions.remember(memory, ["echo one"])
    one = backend()
    one.prefetch()
    one.rehearse(True)
    assert (one.run("echo one").stdout, one.missed) == ("one\n", False)
    assert (one.run("echo two").stdout, one.missed) == ("", True)
    assert (one.run("echo one").stdout, one.missed) == ("one\n", True)
    one.ask_rest()
    one.rehearse(False)
    assert (one.run("echo two").stdout, connector.asked) == ("two\n", [("echo one",), ("echo two",)])


@pytest.mark.parametrize(
    ("replay", "misses", "breaks", "unsure"),
    [(True, False, False, False), (True, True, False, True), (True, False, True, True), (False, True, True, False)],
)
def test_a_rehearsal_tells_where_all_was_known_and_holds(backend, memory, replay, misses, breaks, unsure) -> None:
    from gpustrap.verify.verdict import Broken, Verdict

    questions.remember(memory, ["echo one"])
    one = backend(memory if replay else None)
    one.prefetch()
    one.rehearse(True)
    one.run("echo two" if misses else "echo one")
    assert one.is_unsure(Verdict(broken=[Broken("web", "it runs", "no")] if breaks else [])) is unsure


def test_what_had_its_time_and_gave_no_answer_is_not_asked_again(connector, memory) -> None:
    from gpustrap.verify.backend import SessionBackend

    connector.late = ("git x | sha256sum",)
    one = SessionBackend("box", connector, memory)
    one.rehearse(True)
    one.run("git x | sha256sum")
    one.ask_rest()
    one.rehearse(False)
    for _ in range(2):
        one.begin_test()
        with pytest.raises(AssertionError, match=r"^no answer in time to `git x`$"):
            one.run("git x | sha256sum")
    assert connector.asked == [("git x | sha256sum",)]


BOTH = ("echo 1", "echo 2")


@pytest.mark.parametrize(
    ("late", "asked"),
    [
        (("echo 1",), [BOTH]),
        (BOTH, [BOTH, ("echo 1",), ("echo 2",)]),  # the box could keep no answer: each is asked by itself, once
    ],
)
def test_of_many_those_are_asked_once_more_that_all_gave_no_answer(backend, connector, memory, late, asked) -> None:
    connector.late = late
    questions.remember(memory, BOTH)
    one = backend()
    one.prefetch()
    for command in BOTH * 2:
        one.begin_test()
        with suppress(AssertionError):
            one.run(command)
    assert connector.asked == asked


@pytest.mark.parametrize("with_changes", [False, True])
def test_answers_from_behind_changes_alone_are_forgotten(backend, connector, memory, with_changes) -> None:
    from gpustrap.engine.batch import Answer
    from gpustrap.engine.behind import Checked

    answered = {"echo one": Answer(0, b"with the facts\n", b"")}
    questions.remember(memory, ["echo one"])
    one = backend()
    if with_changes:
        connector.answered, connector.behind = dict(answered), Checked((), b"")
        one.prefetch()
    one.rehearse(True)
    one.run("echo one")
    connector.answered = answered
    one.ask_rest()
    one.rehearse(False)
    assert one.run("echo one").stdout == ("one\n" if with_changes else "with the facts\n")


@pytest.mark.parametrize(
    ("commands", "words"),
    [
        (("git x | cat",), "waits for the answer to `git x`, 60 s at most"),
        (("a", "b"), "waits for the answers to 2 questions of the proof, 60 s at most"),
    ],
)
def test_whoever_waits_long_is_told_for_what(connector, monkeypatch, commands, words) -> None:
    import gevent

    from gpustrap.verify import backend as module

    monkeypatch.setattr(module, "QUIET_SECONDS", 0)
    said: list[str] = []
    asks = connector.ask

    def slowly(asked: tuple[str, ...]) -> Any:
        while not said:
            gevent.sleep(0.01)
        return asks(asked)

    connector.ask = slowly
    one = module.SessionBackend("box", connector, None, said.append)
    one._ask(commands)
    assert said == [words]


def test_nobody_is_told_of_a_wait_that_has_ended(connector, monkeypatch) -> None:
    import gevent

    from gpustrap.verify import backend as module

    monkeypatch.setattr(module, "QUIET_SECONDS", 0)
    said: list[str] = []
    connector.ask = lambda _commands: {}
    module.SessionBackend("box", connector, None, said.append)._ask(("a",))
    gevent.sleep(0.01)
    assert said == []


def test_without_a_memory_nothing_is_asked_ahead_or_kept(backend, connector, memory) -> None:
    questions.remember(memory, ["echo kept"])
    one = backend(None)
    one.prefetch()
    one.run("echo one")
    one.close()
    assert (connector.asked, questions.recall(memory)) == ([("echo one",)], ("echo kept",))


def test_a_verification_that_asked_nothing_leaves_the_memory_alone(backend, memory) -> None:
    questions.remember(memory, ["echo kept"])
    backend().close()
    assert questions.recall(memory) == ("echo kept",)


@pytest.mark.parametrize(
    ("more", "shown"), [("", ""), (" x" * 100, " x" * 55 + " …"), (" x" * 55 + "y", " x" * 55 + "y")]
)
def test_a_command_without_an_answer_is_neither_so_nor_not_so(backend, connector, more, shown) -> None:
    connector.late = (f"echo late{more}",)
    with pytest.raises(AssertionError, match=f"^no answer in time to `echo late{shown}`$"):
        backend().run(f"echo late{more}")


def test_an_instance_that_cannot_be_asked_is_not_asked_again(backend, connector) -> None:
    connector.lost = True
    one = backend()
    for command in ("true", "echo", "true"):
        with pytest.raises(AssertionError, match=r"^the connection was lost$"):
            one.run(command)
    assert (str(one.failed), len(connector.asked)) == ("the connection was lost", 1)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("true", "`true` (exit 0)"),
        ("echo out; false", "`echo out; false` (exit 1: out)"),
        ("echo out; echo err >&2; exit 2", "`echo out; echo err >&2; exit 2` (exit 2: err)"),
    ],
)
def test_an_answer_is_shown_to_a_person_in_words(backend, command, words) -> None:
    assert repr(backend().run(command)) == words


def test_what_was_asked_before_is_not_kept_unless_it_is_asked_again(backend, connector, memory) -> None:
    one = backend()
    one.rehearse(True)
    one.run("echo only then")
    one.rehearse(False)
    one.prefetch()
    one.run("echo now")
    one.close()
    assert questions.recall(memory) == ("echo now",)
