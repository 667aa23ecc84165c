"""What is removed of the lab's things: those of dead processes and of a target, by an engine that keeps them in a dict."""

from __future__ import annotations

from typing import Any

import pytest

from gpustrap.lab import leftovers
from gpustrap.lab.box import PREFIX, TargetName
from gpustrap.lab.engine import EngineFailed

ALIVE, DEAD = "1:alive", "2:dead"


class FakeEngine:
    """Things by kind and name, with their labels. Those in `held` cannot be removed."""

    def __init__(self, held: tuple[str, ...] = (), **kinds: dict[str, dict[str, str]]):
        self.kinds = {"container": {}, "volume": {}, "network": {}, **kinds}
        self.held, self.removed = held, []

    def names(self, *words: str) -> list[str]:
        (kind,) = [kind for kind, listing in leftovers.LISTINGS.items() if words[: len(listing)] == listing]
        key, _, value = words[-1].removeprefix("label=").partition("=")
        return [name for name, labels in self.kinds[kind].items() if key in labels and value in ("", labels[key])]

    def inspect(self, kind: str, *names: str) -> list[dict[str, Any]]:
        forms = {
            "container": lambda name, labels: {"Name": f"/{name}", "Config": {"Labels": labels}},
            "volume": lambda name, labels: {"Name": name, "Labels": labels},
            "network": lambda name, labels: {"name": name, "labels": labels},
        }
        return [forms[kind](name, self.kinds[kind][name]) for name in names if name in self.kinds[kind]]

    def run(self, *words: str) -> None:
        name = words[-1]
        (kind,) = [kind for kind, removal in leftovers.REMOVALS.items() if words[:-1] == removal]
        if name in self.held:
            raise EngineFailed("in use")
        del self.kinds[kind][name]
        self.removed.append((kind, name))


@pytest.fixture(autouse=True)
def owners(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "is_alive", lambda owner: owner == ALIVE)


def test_a_process_that_makes_many_boxes_looks_once_a_minute(monkeypatch) -> None:
    engine: Any = FakeEngine()
    looked: list[Any] = []
    now = [1000.0]
    monkeypatch.setattr(leftovers, "_next_look", 0.0)
    monkeypatch.setattr(leftovers, "remove_leftovers", looked.append)
    monkeypatch.setattr(leftovers.time, "monotonic", lambda: now[0])
    for seconds in (0.0, 59.0, 1.0):
        now[0] += seconds
        leftovers.remove_leftovers_at_times(engine)
    assert len(looked) == 2


def test_what_a_dead_process_left_goes_and_all_else_stays() -> None:
    engine: Any = FakeEngine(
        container={"a": {"gpustrap.owner": DEAD}, "b": {"gpustrap.owner": ALIVE}, "c": {}, "d": {"gpustrap.owner": ""}},
        volume={"e": {"gpustrap.owner": DEAD}},
        network={"f": {"gpustrap.owner": DEAD}, "g": {"gpustrap.owner": ALIVE}},
    )
    leftovers.remove_leftovers(engine)
    assert engine.removed == [("container", "a"), ("volume", "e"), ("network", "f")]


def test_what_is_still_used_stays_and_keeps_nothing_else_from_going() -> None:
    dead = {"gpustrap.owner": DEAD}
    engine: Any = FakeEngine(held=("a",), container={"a": dead, "b": dead}, network={"c": dead})
    leftovers.remove_leftovers(engine)
    assert engine.removed == [("container", "b"), ("network", "c")]


def test_a_targets_data_is_its_own_volume_alone() -> None:
    target = TargetName("demo")
    own, other = PREFIX + target.key, f"{PREFIX}{target.key}-other"
    label = {"gpustrap.lab": "demo"}
    engine: Any = FakeEngine(volume={own: label, other: label, "theirs": {"gpustrap.lab": "demo2"}})
    assert leftovers.remove_volume(engine, target) is True
    assert engine.removed == [("volume", own)]
    assert leftovers.remove_volume(engine, target) is False


def test_a_network_that_another_box_is_on_stays() -> None:
    name = PREFIX + TargetName("inner").key
    engine: Any = FakeEngine(held=(name,), network={name: {"gpustrap.lab": "inner"}})
    assert leftovers.remove_network(engine, "inner") is False
    assert list(engine.kinds["network"]) == [name]


@pytest.mark.parametrize(
    ("described", "labels"),
    [
        ({"Name": "/a", "Config": {"Labels": {"x": "1"}}}, {"x": "1"}),
        ({"Name": "a", "Labels": {"x": "1"}}, {"x": "1"}),
        ({"name": "a", "labels": {"x": "1"}}, {"x": "1"}),
        ({"Name": "a", "Config": {"Labels": None}}, {}),
        ({"name": "a"}, {}),
    ],
)
def test_podmans_and_dockers_forms_give_the_same_name_and_labels(described: Any, labels: dict[str, str]) -> None:
    assert (leftovers.name_of(described), leftovers.labels_of(described)) == ("a", labels)
