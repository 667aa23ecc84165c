"""One question for all instances, when each has its plan or has failed, and none where nothing changes."""

from __future__ import annotations

import pytest

from gpustrap.errors import InstanceFailed
from gpustrap.run.up import up
from gpustrap.run.work import Options

ROLES = ("alpha", "beta")


class Person:
    """Answers `yes` or not, and remembers what was shown."""

    def __init__(self, answer):
        self.answer = answer
        self.shown = []

    def __call__(self, plans):
        self.shown.append({name: [change.role for change in plan] for name, plan in plans.items()})
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


def change_all(world, *names):
    for name in names or world.sessions:
        world.sessions[name].pending = ("alpha",)


@pytest.mark.parametrize("answer", [True, False])
def test_it_is_asked_once_with_the_plans_of_all_that_change(world, answer):
    change_all(world, "one", "three")
    person = Person(answer)
    world.run(up, Options(confirm=person), ROLES)
    assert person.shown == [{"one": ["alpha"], "three": ["alpha"]}]


def test_a_no_changes_nothing_proves_nothing_and_is_no_failure(world):
    change_all(world)
    results = world.run(up, Options(confirm=Person(False)), ROLES)
    for name, result in results.items():
        report = result.as_json()
        assert (result.declined, report["ok"], report["changed"], report["failed"]) == (True, True, [], None)
        assert not {"lock", "execute"} & set(world.sessions[name].log)
    assert world.proved == [[]]


def test_a_yes_asks_the_facts_again_before_the_change(world):
    change_all(world, "one")
    world.run(up, Options(confirm=Person(True)), ROLES)
    log = world.sessions["one"].log
    assert log[log.index("line_up") :] == ["line_up", "refresh", "lock", "execute", "close"]
    assert world.proved == [["one", "two", "three"]]


def test_where_nothing_changes_nobody_is_asked(world):
    person = Person(False)
    results = world.run(up, Options(confirm=person), ROLES)
    assert (person.shown, [result.declined for result in results.values()]) == ([], [False] * 3)


def test_without_somebody_to_ask_it_is_a_yes(world):
    change_all(world)
    results = world.run(up, Options(), ROLES)
    assert [[change.role for change in result.changed] for result in results.values()] == [["alpha"]] * 3


@pytest.mark.parametrize("step", ["connect", "survey", "line_up"])
def test_one_that_fails_before_it_has_a_plan_holds_up_no_question(world, step):
    change_all(world)
    world.sessions["two"].fails[step] = [InstanceFailed("no")]
    person = Person(True)
    results = world.run(up, Options(confirm=person), ROLES)
    assert person.shown == [{"one": ["alpha"], "three": ["alpha"]}]
    assert [result.failed is None for result in results.values()] == [True, False, True]


def test_where_all_fail_nobody_is_asked(world):
    for session in world.sessions.values():
        session.fails["connect"] = [InstanceFailed("no")]
    person = Person(True)
    world.run(up, Options(confirm=person), ROLES)
    assert person.shown == []


def test_ctrl_c_at_the_question_ends_the_run_with_nothing_changed(world):
    change_all(world)
    with pytest.raises(KeyboardInterrupt):
        world.run(up, Options(confirm=Person(KeyboardInterrupt())), ROLES)
    for session in world.sessions.values():
        assert "execute" not in session.log and session.log[-1] == "close"


def test_a_question_that_cannot_be_asked_is_each_ones_failure_and_nobody_waits(world):
    change_all(world)
    results = world.run(up, Options(confirm=Person(ValueError("odd input"))), ROLES)
    assert all(result.failed is not None and "odd input" in result.failed.error for result in results.values())
    assert not any("execute" in session.log for session in world.sessions.values())


def test_the_clock_does_not_count_the_wait_for_an_answer(world, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr("gpustrap.run.work.time.monotonic", lambda: clock[0])
    change_all(world)

    def slow_person(_plans):
        clock[0] += 100
        return True

    results = world.run(up, Options(confirm=slow_person), ROLES)
    assert [result.seconds for result in results.values()] == [0.0] * 3
