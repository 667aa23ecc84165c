from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from gpustrap.errors import BadInput, InstanceFailed
from gpustrap.lab import targets
from gpustrap.lab.box import kind_of


@pytest.mark.parametrize("name", ["demo", "a", "gpu-1", "x" * 50])
def test_a_hostname_can_name_a_target(name):
    targets.check_name(name)


@pytest.mark.parametrize("name", ["", "Demo", "-a", "a-", "a_b", "a.b", "a b", "../a", "x" * 51, "demo\n"])
def test_anything_else_cannot(name):
    with pytest.raises(BadInput) as refused:
        targets.check_name(name)
    assert str(refused.value) == (
        f"'{name}' cannot name a lab target, expected up to 50 of a-z, 0-9 and -, such as 'demo'"
    )


@pytest.mark.parametrize(("there", "asked"), [(False, ["install", "engine"]), (True, ["engine"])])
def test_what_the_lab_lacks_is_installed_before_a_target_is_made(monkeypatch, there, asked):
    steps = []

    def no_engine():
        steps.append("engine")
        raise InstanceFailed("none")

    monkeypatch.setattr(targets, "has_programs", lambda: there)
    monkeypatch.setattr(targets, "install_missing", lambda _say: steps.append("install"))
    monkeypatch.setattr(targets, "find_engine", no_engine)
    with pytest.raises(InstanceFailed):
        targets.up("x", "debian-12")
    assert steps == asked


@pytest.mark.parametrize(("flavour", "wanted"), [(None, "debian-12"), ("vast", "debian-12 vast")])
def test_another_flavour_under_the_same_name_is_refused(flavour, wanted):
    box = SimpleNamespace(name="demo", kind="debian-12 lambda")
    with pytest.raises(BadInput) as refused:
        targets.check_kind(box, kind_of("debian-12", flavour))
    assert str(refused.value) == (
        f"lab target 'demo' is debian-12 lambda, not {wanted}\nhint: `gpustrap lab down demo` removes it and its data"
    )


def test_down_all_leaves_what_another_living_process_made(monkeypatch):
    monkeypatch.setattr(targets, "is_alive", lambda mark: mark == "alive")
    there = [("a", None, None), ("b", Path("/one"), None), ("c", None, "alive"), ("d", None, "dead")]
    listed = [
        SimpleNamespace(target=SimpleNamespace(name=name, project=project), owner=owner)
        for name, project, owner in there
    ]
    removed = []
    monkeypatch.setattr(targets, "ls", lambda: listed)
    monkeypatch.setattr(targets, "down", lambda name, project: removed.append((name, project)))
    assert [target.name for target in targets.down_all()] == ["a", "b", "d"]
    assert removed == [("a", None), ("b", Path("/one")), ("d", None)]
