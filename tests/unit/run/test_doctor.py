"""Each instance gets its own verdicts by one exec; one that cannot be asked fails alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gpustrap.engine.batch import Answer
from gpustrap.errors import InstanceFailed
from gpustrap.resolve.net.judge import Verdict
from gpustrap.run import doctor
from gpustrap.run.look import InstanceLook

LINES = b"asker\tcurl\nprobe\tnpm\tcurl\t6\tnpm.lan\thttp\t- 0 0 0 0 0 0 0 0 0 0\t 0\t\t\t\n"


class Wire:
    def __init__(self, said: bytes):
        self.said, self.asked = said, []

    def run(self, command, *, seconds):
        self.asked.append((command, seconds))
        return Answer(0, self.said, b"")


class Session:
    def __init__(self, said: bytes):
        self.connector = type("Connector", (), {"wire": Wire(said)})()


def diagnosed(world, monkeypatch, survey, said, own=None, **also_asked):
    """What is found where the first instance answers `said` and the second cannot be reached."""
    instances = world.instances(())[:2]
    session, lost = Session(said), InstanceFailed("no answer")

    def look(chosen, _project, *, services, asks, says, also):
        assert not services
        also(chosen[0].name, session, replace(survey, provider="gpushare"))
        return {chosen[0].name: InstanceLook(survey), chosen[1].name: InstanceLook(failed=lost)}

    monkeypatch.setattr(doctor, "look", look)
    monkeypatch.setattr(doctor, "own_side", lambda instance: [own(instance.name)] if own else [])
    found = doctor.diagnose(instances, world.project, None, lambda *_: None, **also_asked)
    return [found[one.name] for one in instances], session.connector.wire.asked


def test_one_exec_gives_the_verdicts_and_a_lost_instance_is_a_failure(world, monkeypatch, survey):
    (first, second), asked = diagnosed(world, monkeypatch, survey, LINES)
    assert len(asked) == 1
    assert [(one.subject, one.cause) for one in first.verdicts] == [("npm", "dns_fails")]
    assert (first.ok, second.ok, second.failed.error) == (False, False, "no answer")


def test_no_answer_at_all_is_a_failure_in_words(world, monkeypatch, survey):
    with pytest.raises(InstanceFailed, match="the probes gave no answer"):
        diagnosed(world, monkeypatch, survey, b"")


def test_what_it_is_worth_is_asked_only_where_that_is_wanted(world, monkeypatch, survey):
    monkeypatch.setattr(doctor, "weigh", lambda *_: ["weighed"])
    assert diagnosed(world, monkeypatch, survey, LINES)[0][0].worth == []
    assert diagnosed(world, monkeypatch, survey, LINES, worth=True)[0][0].worth == ["weighed"]


def test_this_computers_side_comes_first_and_is_told_of_a_lost_instance_too(world, monkeypatch, survey):
    one = Verdict("laptop", "this computer", "", "slow", "key_missing", "no key")
    (first, second), _ = diagnosed(world, monkeypatch, survey, LINES, own=lambda _name: one)
    assert [each.subject for each in first.verdicts] == ["laptop", "npm"]
    assert second.verdicts == [one]
