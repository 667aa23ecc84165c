"""`plan` shows what `up` would change and changes nothing: no lock, no proof, no question."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gpustrap.errors import InstanceFailed, NotRunning
from gpustrap.run import work as working
from gpustrap.run.connection import Reach
from gpustrap.run.explain import explain
from gpustrap.run.plan import plan
from gpustrap.run.report import Change
from gpustrap.run.verify import verify
from gpustrap.run.work import Options

ROLES = ("alpha", "beta")


def test_it_lists_each_change_with_details_and_counts_the_rest(world):
    world.sessions["one"].pending = ("beta",)
    results = world.run(plan, roles=ROLES)
    change = Change("beta", "files", ("+ beta",))
    assert (results["one"].changed, results["one"].unchanged) == ([change], 1)
    assert ("changed", "one", change) in world.watcher.events
    assert (results["two"].changed, results["two"].unchanged) == ([], 2)


def test_nothing_is_run_locked_asked_or_proved(world):
    world.sessions["one"].pending = ROLES
    asked = Options(confirm=lambda _: pytest.fail("asked"), takes_over=lambda *_: pytest.fail("asked"))
    world.run(plan, asked, ROLES)
    assert [session.log for session in world.sessions.values()] == [["connect", "survey", "line_up", "close"]] * 3
    assert world.proved == []


def test_another_projects_box_may_be_looked_at(world):
    world.sessions["one"].has(owner="other/one")
    assert world.run(plan, roles=ROLES)["one"].failed is None
    said = "it is set up as 'other/one', not as 'shop/one': `up` asks before it takes it over"
    assert said in world.watcher.said["one"] and said not in world.watcher.said["two"]


def test_one_that_fails_leaves_the_others_their_plan(world):
    world.sessions["one"].fails["survey"] = [InstanceFailed("no")]
    world.sessions["two"].pending = ("alpha",)
    results = world.run(plan, roles=ROLES)
    assert results["one"].failed.error == "no" and [one.role for one in results["two"].changed] == ["alpha"]


@pytest.mark.parametrize(("first_step", "kind", "operation"), [
    ("made", {"lab": "debian-12", "flavour": "vast"}, "debian-12 vast made"), ("started", {"lab": "debian-11"}, "debian-11 started"),
])  # fmt: skip
def test_a_lab_target_that_does_not_run_is_itself_the_change(world, monkeypatch, first_step, kind, operation):
    def reach(instance, *_, makes=False, **__):
        assert not makes
        if instance.name == "one":
            raise NotRunning("the lab target is not there", "up makes it", first_step)
        return Reach({})

    monkeypatch.setattr(working, "reach", reach)
    one, *others = world.instances(ROLES)
    results = plan([replace(one, ssh=None, **kind), *others], world.project, Options(), world.watcher)
    assert (results["one"].failed, results["one"].changed) == (None, [Change("lab", operation)])
    assert world.watcher.said["one"] == [
        "the lab target is not there; what the roles would change is known once it runs"
    ]
    assert results["two"].failed is None and results["two"].unchanged == 2


@pytest.mark.parametrize("story", [explain, verify])
def test_whoever_only_looks_makes_no_lab_target(world, monkeypatch, story):
    def reach(*_, makes=False, **__):
        assert not makes
        raise NotRunning("the lab target is not there", "up makes it", "made")

    monkeypatch.setattr(working, "reach", reach)
    assert str(world.run(story)["one"].failed) == "the lab target is not there\nhint: up makes it"
