"""`revert`: its steps in their order, what it says, and that what is still there afterwards is a failure."""

from __future__ import annotations

import pytest

from gpustrap.engine.facts.files import FileState
from gpustrap.engine.facts.traces import Stay, Trace, Traces
from gpustrap.engine.give_back import OWN
from gpustrap.errors import InstanceFailed
from gpustrap.run.revert import revert
from gpustrap.run.work import Options

ROLES = ("alpha", "beta")
OURS = Trace("/etc/f", "beta", FileState("file", "644", "00", ours=True))
UV = Stay("alpha", "file", "/usr/local/bin/uv")


@pytest.fixture
def box(world):
    """The one instance of which the test speaks; afterwards nothing is there."""
    session = world.sessions["one"]
    session.found = [Traces((OURS,), (UV,)), Traces()]
    session.pending = ("beta", OWN)
    return session


def test_the_steps_come_in_their_order(world, box):
    results = world.run(revert, roles=ROLES)
    steps = ["connect", "survey", "traces", "line_up", "lock", "execute", "traces", "close"]
    assert box.log == steps
    assert [change.role for change in results["one"].changed] == ["beta", OWN]
    assert results["one"].notes == ["/usr/local/bin/uv stays: the role alpha has installed it"]
    assert world.proved == []


def test_what_is_lined_up_is_what_was_found(world, box):
    world.run(revert, roles=ROLES)
    assert box.lined_up == {"services": (), "beta": (OURS,), OWN: ()}


def test_where_nothing_is_left_nothing_is_locked_or_run(world):
    results = world.run(revert, roles=ROLES)
    assert world.sessions["one"].log == ["connect", "survey", "traces", "line_up", "close"]
    assert (results["one"].changed, results["one"].unchanged, results["one"].failed) == ([], 2, None)


def test_without_replay_nothing_is_locked_for_nothing_either(world):
    world.sessions["one"].connector.replays = False
    world.run(revert, roles=ROLES)
    assert "lock" not in world.sessions["one"].log


def test_what_is_still_there_is_a_failure(world, box):
    box.found = [Traces((OURS,)), Traces((OURS,))]
    results = world.run(revert, roles=ROLES)
    assert results["one"].failed.error == "/etc/f is still there"


def test_what_others_changed_is_no_failure(world, box):
    theirs = Trace("/etc/f", "beta", FileState("file", "644", "00", ours=True, edited=True))
    box.found = [Traces((theirs,)), Traces((theirs,))]
    results = world.run(revert, roles=ROLES)
    assert results["one"].failed is None
    assert results["one"].notes == ["/etc/f stays: it was changed since gpustrap wrote it"]


def test_a_plan_shows_it_and_changes_nothing(world, box):
    def plan(*words):
        return revert(*words, plans=True)

    results = world.run(plan, Options(confirm=lambda _: pytest.fail("asked")), ROLES)
    assert box.log == ["connect", "survey", "traces", "line_up", "close"]
    assert [change.role for change in results["one"].changed] == ["beta", OWN]
    assert results["one"].unchanged == 1


@pytest.mark.parametrize("yes", [True, False])
def test_it_is_asked_once_for_all(world, box, yes):
    asked = []
    results = world.run(revert, Options(confirm=lambda plans: asked.append(list(plans)) or yes), ROLES)
    assert asked == [["one"]]
    assert ("execute" in box.log) is yes and results["one"].declined is not yes


def test_single_roles_are_given_back_alone_and_one_without_traces_is_said(world, box):
    box.found = [Traces((OURS,), (UV,)), Traces()]
    results = world.run(revert, Options(roles=("beta", "gamma")), ROLES)
    assert box.lined_up == {"beta": (OURS,), "gamma": ()}
    assert "gamma: nothing of it is here" in world.watcher.said["one"]
    assert results["one"].notes == []


def test_a_role_of_which_only_packages_stay_is_not_said_to_be_missing(world, box):
    results = world.run(revert, Options(roles=("alpha",)), ROLES)
    assert "alpha: nothing of it is here" not in world.watcher.said["one"]
    assert results["one"].notes == ["/usr/local/bin/uv stays: the role alpha has installed it"]


def test_what_stays_is_said_before_it_is_asked_and_forgotten_after_a_no(world, box):
    said = "/usr/local/bin/uv stays: the role alpha has installed it"
    results = world.run(revert, Options(confirm=lambda _: said not in world.watcher.said["one"]), ROLES)
    assert (results["one"].declined, results["one"].notes) == (True, [])


def test_another_projects_box_is_left_alone_unless_it_is_taken_over(world, box):
    box.has(owner="other/one")
    results = world.run(revert, roles=ROLES)
    assert results["one"].failed.hint == "if that is meant: `gpustrap revert one --take-over`"
    assert "traces" not in box.log
    box.found = [Traces((OURS,)), Traces()]
    assert world.run(revert, Options(take_over=True), ROLES)["one"].failed is None


def test_one_that_fails_leaves_the_others_their_way(world, box):
    world.sessions["two"].fails["survey"] = [InstanceFailed("no")]
    results = world.run(revert, roles=ROLES)
    assert results["two"].failed.error == "no" and results["one"].changed
