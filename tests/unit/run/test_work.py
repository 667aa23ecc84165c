"""What goes wrong on one instance is that instance's failure alone, in a sentence; every session is closed."""

from __future__ import annotations

import gevent
import pytest
from paramiko import SSHException

from gpustrap.errors import BadInput, Fault, InstanceFailed
from gpustrap.run import work as working
from gpustrap.run.work import Options, Work, failure_of, on_all

LOST = "the connection was lost"
UNREAD = "an answer that gpustrap cannot read"


def steps_of(work: Work) -> None:
    """A story of one step."""
    work.session.survey()
    work.context = object()  # type: ignore[assignment]


ANY_KIND = [
    (EOFError(), f"{LOST} (EOFError)"),
    (OSError("reset"), f"{LOST} (reset)"),
    (TimeoutError("timed out"), f"{LOST} (timed out)"),
    (SSHException("no session"), f"{LOST} (no session)"),
    (ValueError("not a number: 'abc'"), f"{UNREAD} (ValueError: not a number: 'abc')"),
    (KeyError("cpus"), f"{UNREAD} (KeyError: 'cpus')"),
    (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "odd"), f"{UNREAD} (UnicodeDecodeError: "),
    (RecursionError("deep"), f"{UNREAD} (RecursionError: deep)"),
    (InstanceFailed("the disk is full", role="alpha", operation="packages"), "the disk is full"),
    (SystemExit(3), f"{UNREAD} (SystemExit: 3)"),
    (BadInput(Fault("no such card", key="torch.gpu")), "torch.gpu: no such card"),
]


@pytest.mark.parametrize(("error", "sentence"), ANY_KIND, ids=[type(error).__name__ for error, _ in ANY_KIND])
def test_whatever_one_raises_is_its_failure_and_the_others_finish(world, error, sentence):
    world.sessions["two"].fails["survey"] = [error]
    then = []
    results = world.run(
        lambda *args: on_all(*args, steps_of, then=lambda works: then.extend(one.name for one in works))
    )
    assert results["two"].failed.error.startswith(sentence)
    assert [results[name].failed for name in ("one", "three")] == [None, None]
    assert then == ["one", "three"]
    assert [event for event in world.watcher.events if event[0] == "failed"] == [
        ("failed", "two", results["two"].failed.error)
    ]


def test_a_failure_keeps_its_role_operation_and_hint():
    failure = InstanceFailed("no", role="alpha", operation="packages", hint="wait")
    assert failure_of(failure) is failure


def test_one_that_cannot_even_be_reached_is_a_failure_too(world, monkeypatch):
    def reach(instance, *_args, **_named):
        if instance.name == "one":
            raise InstanceFailed("no such image")
        return kept(instance)

    kept = working.reach
    monkeypatch.setattr(working, "reach", reach)
    results = world.run(lambda *args: on_all(*args, steps_of))
    assert results["one"].failed.error == "no such image"
    assert [results[name].failed for name in ("two", "three")] == [None, None]


def test_a_hanging_one_holds_up_no_other(world):
    free = gevent.event.Event()

    def one(work: Work) -> None:
        if work.name == "one":  # goes on when the last of the others is through
            assert free.wait(10), "the others waited for it"
        elif work.name == "three":
            free.set()

    results = world.run(lambda *args: on_all(*args, one))
    assert [result.failed for result in results.values()] == [None] * 3


def test_every_one_that_is_through_or_has_failed_is_told_of(world):
    world.sessions["two"].fails["survey"] = [EOFError()]
    left: list[str] = []
    world.run(lambda *args: on_all(*args, steps_of, left=left.append))
    assert sorted(left) == ["one", "three", "two"]


def test_every_session_is_closed_and_its_cost_kept(world):
    world.sessions["two"].fails["survey"] = [ValueError("odd")]
    results = world.run(lambda *args: on_all(*args, steps_of))
    assert [session.log[-1] for session in world.sessions.values()] == ["close"] * 3
    assert {(result.execs, result.uploads) for result in results.values()} == {(2, 1)}


@pytest.mark.parametrize("error", [EOFError(), OSError(5, "no"), SSHException("x"), ValueError("x")], ids=repr)
def test_a_session_that_cannot_be_closed_leaves_the_report_and_the_others(world, error):
    world.sessions["one"].fails["close"] = [error]
    results = world.run(lambda *args: on_all(*args, steps_of))
    assert [result.failed for result in results.values()] == [None] * 3
    assert [session.log[-1] for session in world.sessions.values()] == ["close"] * 3


def test_ctrl_c_ends_all_and_closes_every_session(world):
    hung = []

    def one(work: Work) -> None:
        if work.name == "three":
            raise KeyboardInterrupt
        try:
            gevent.sleep(600)
        finally:
            hung.append(work.name)

    with pytest.raises(KeyboardInterrupt):
        world.run(lambda *args: on_all(*args, one))
    assert sorted(hung) == ["one", "two"]
    assert [session.log for session in world.sessions.values()] == [["close"]] * 3


def test_one_that_will_not_end_is_not_waited_for_long(world, monkeypatch):
    monkeypatch.setattr(working, "KILL_SECONDS", 0.1)

    def one(work: Work) -> None:
        if work.name == "three":
            raise KeyboardInterrupt
        while True:
            try:
                gevent.sleep(600)
            except gevent.GreenletExit:
                gevent.sleep(600)

    with gevent.Timeout(10), pytest.raises(KeyboardInterrupt):
        world.run(lambda *args: on_all(*args, one))


def test_what_comes_after_is_for_those_that_got_through(world):
    def one(work: Work) -> None:
        steps_of(work)
        work.result.declined = work.name == "one"

    seen: list[str] = []
    world.run(lambda *args: on_all(*args, one, then=lambda works: seen.extend(work.name for work in works)), Options())
    assert seen == ["two", "three"]
