"""`up --stash`: for one run the role project moves aside what was changed there; hosts.yml and other roles are as before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gpustrap import content
from gpustrap.run.stash import stash
from gpustrap.run.up import up
from gpustrap.run.work import Options


@pytest.fixture
def settings(monkeypatch):
    monkeypatch.syspath_prepend(content.builtin_root())
    return content.role_module("project", "settings").Settings


def after(world, options, settings, **written):
    work = world.work(options, ("project", "alpha"))
    made = settings(git="https://h.lan/a/b", **written)
    work.instance = replace(work.instance, settings={**work.instance.settings, "project": made})
    stash(work)
    return work.instance.settings


@pytest.mark.parametrize(("asked", "left"), [(False, "keep"), (True, "stash")])
def test_it_counts_before_what_hosts_yml_says_where_it_is_asked_for(world, settings, asked, left):
    now = after(world, Options(stash=asked), settings, on_box_changes="keep", ref="v1")
    assert (now["project"].on_box_changes, now["project"].ref) == (left, "v1")
    assert now["alpha"] == "alpha's settings"


def test_up_without_a_project_says_that_nothing_is_moved(world):
    results = world.run(up, Options(stash=True), ("alpha",))
    assert results["one"].failed is None
    said = "nothing is moved aside: the role project is not among the roles of this instance"
    assert said in world.watcher.said["one"]
