"""`up`: the steps in their order, each instance on its own, and the proof of those that got through."""

from __future__ import annotations

import pytest

from gpustrap.errors import InstanceFailed
from gpustrap.run.up import up
from gpustrap.run.work import Options
from gpustrap.verify.proof import Broken, Verdict

ROLES = ("alpha", "beta")


def test_the_steps_come_in_their_order(world):
    world.sessions["one"].pending = ("beta",)
    results = world.run(up, roles=ROLES)
    assert world.sessions["one"].log == ["connect", "survey", "line_up", "lock", "execute", "close"]
    assert [change.role for change in results["one"].changed] == ["beta"]
    assert results["one"].unchanged == 1


def test_what_is_proved_is_what_was_applied_in_one_run_for_all(world):
    world.run(up, roles=ROLES)
    assert world.proved == [["one", "two", "three"]]


@pytest.mark.parametrize("step", ["connect", "survey", "line_up", "execute"])
def test_one_that_fails_is_not_proved_and_the_others_are(world, step):
    world.sessions["two"].fails[step] = [InstanceFailed("no")]
    results = world.run(up, roles=ROLES)
    assert results["two"].failed.error == "no"
    assert world.proved == [["one", "three"]]


def test_a_broken_promise_fails_that_instance(world, monkeypatch):
    broken = Verdict(1, [Broken("alpha", "git is there", "no git")])
    monkeypatch.setattr(
        "gpustrap.verify.proof.verify",
        lambda subjects, _: {one.name: broken if one.name == "two" else Verdict(1) for one in subjects},
    )
    results = world.run(up, roles=ROLES)
    assert [str(result.failed) for result in results.values()] == ["None", "alpha | git is there: no git", "None"]


def test_another_projects_box_is_refused_before_anything_is_decided(world):
    world.sessions["one"].has(owner="other/one")
    results = world.run(up, roles=ROLES)
    assert results["one"].failed.operation == "owner"
    assert world.sessions["one"].log == ["connect", "survey", "close"]
    assert [results[name].failed for name in ("two", "three")] == [None, None]


def test_only_the_roles_that_are_asked_for_are_applied(world):
    world.run(up, Options(roles=("beta",)), ROLES)
    assert list(world.sessions["one"].lined_up) == ["beta"]
