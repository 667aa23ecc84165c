"""Requests at work, on a wire that says its pieces when a test tells it to."""

from __future__ import annotations

from typing import Any

import gevent
import pytest
from gevent.event import Event

from gpustrap.errors import InstanceFailed

MARK = "gpustrap-0123456789abcdef"


class SlowWire:
    """`says(out, err)` is what has come; `ends(failure)` the end of it."""

    def __init__(self) -> None:
        self._ended, self._failure = Event(), None

    def run(self, _script: str, *, takers: Any, **_: Any) -> None:
        self._takers = takers
        self._ended.wait()
        if self._failure is not None:
            raise self._failure

    def says(self, out: str = "", err: str = "") -> None:
        gevent.sleep(0)
        for take, text in zip(self._takers, (out, err), strict=True):
            take(text.replace("MARK", MARK).encode())

    def ends(self, failure: Any = None) -> None:
        self._failure = failure
        self._ended.set()


@pytest.fixture
def wire() -> SlowWire:
    return SlowWire()


@pytest.fixture
def at_work(wire: SlowWire) -> Any:
    from gpustrap.engine.changes import Request, Run
    from gpustrap.engine.under_way import UnderWay

    return UnderWay(wire, Request("", b"", (Run(0), Run(1)), ()), MARK)  # type: ignore[arg-type]


def test_an_answer_is_there_as_soon_as_both_outputs_have_ended_it(wire, at_work) -> None:
    heard: list[str] = []
    waiting = gevent.spawn(at_work.answer, 0, heard.append)
    wire.says("MARK.0 begin\none\n", "MARK.0 begin\n")
    gevent.sleep(0)
    assert heard == ["one"] and not waiting.ready()
    wire.says("two\n", "wrong\n")
    wire.says("MARK.0 end 3\n", "more\nMARK.0 end 3\nMARK.1 begin\n")
    answer = waiting.get(timeout=5)
    assert (answer.status, answer.stdout, answer.stderr) == (3, b"one\ntwo\n", b"wrong\nmore\n")
    assert heard == ["one", "two", "wrong", "more"]


def test_where_stderr_leads_nowhere_the_answer_is_there_in_the_end(wire, at_work) -> None:
    waiting = gevent.spawn(at_work.answer, 0)
    wire.says("MARK.0 begin\none\nMARK.0 end 3\n", "")
    gevent.sleep(0)
    wire.ends()
    answer = waiting.get(timeout=5)
    assert (answer.status, answer.stdout, answer.stderr) == (3, b"one\n", b"")


def test_what_the_next_one_prints_is_heard_when_it_is_its_turn(wire, at_work) -> None:
    both = "MARK.0 begin\nMARK.0 end 0\nMARK.1 begin\nnext\n"
    wire.says(both, both.replace("next\n", ""))
    heard: list[str] = []
    assert at_work.answer(0, heard.append).status == 0 and heard == []
    gevent.spawn(at_work.answer, 1, heard.append)
    gevent.sleep(0)
    assert heard == ["next"]


def test_where_it_was_not_begun_that_is_said(wire, at_work) -> None:
    from gpustrap.engine.under_way import NotBegun

    wire.says("MARK.0 begin\nMARK.0 end 0\n", "MARK.0 begin\nMARK.0 end 0\n")
    wire.ends()
    assert at_work.answer(0).status == 0
    for _ in range(2):
        with pytest.raises(NotBegun):
            at_work.answer(1)


@pytest.mark.parametrize(
    ("failure", "words"),
    [(None, "the shell that ran a command was ended from outside"), (InstanceFailed("lost"), "lost")],
)
def test_one_that_was_begun_and_has_no_end_is_a_failure(wire, at_work, failure, words) -> None:
    wire.says("MARK.0 begin\npart", "")
    wire.ends(failure)
    with pytest.raises(InstanceFailed) as failed:
        at_work.answer(0)
    assert str(failed.value) == words


def test_one_that_is_left_ends_at_once(wire, at_work) -> None:
    gevent.sleep(0)
    at_work.end()
    at_work.awaited()
