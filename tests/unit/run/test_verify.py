"""`verify` proves what the roles promise and lines nothing up."""

from __future__ import annotations

from gpustrap.errors import InstanceFailed
from gpustrap.run.verify import verify
from gpustrap.run.work import Options

ROLES = ("alpha", "beta")


def test_it_surveys_decides_and_proves_and_changes_nothing(world):
    world.sessions["one"].pending = ROLES
    results = world.run(verify, roles=ROLES)
    assert [session.log for session in world.sessions.values()] == [["connect", "survey", "close"]] * 3
    assert world.proved == [["one", "two", "three"]]
    assert results["one"].changed == [] and list(results["one"].reasons) == list(ROLES)
    assert world.watcher.said["one"][-1] == "1 check passed"


def test_one_that_fails_is_not_proved(world):
    world.sessions["two"].fails["survey"] = [InstanceFailed("no")]
    world.run(verify, roles=ROLES)
    assert world.proved == [["one", "three"]]


def test_another_projects_box_may_be_proved(world):
    world.sessions["one"].has(owner="other/one")
    assert world.run(verify, Options(), ROLES)["one"].failed is None
