from __future__ import annotations

from dataclasses import replace

import pytest

from gpustrap.cli import instances
from gpustrap.errors import BadInput, InstanceFailed
from gpustrap.resolve.box.survey import VisibleCard
from gpustrap.run import look

A100 = VisibleCard("A100", (8, 0), 81920)
T4 = VisibleCard("T4", (7, 5), 15360)
GB10 = VisibleCard("GB10", (12, 1), 0)


@pytest.mark.parametrize(
    ("gpus", "driver", "said"),
    [
        ((A100,), (570, 1), "A100 (80 GiB)"),
        ((A100, T4, A100), (570, 1), "2 × A100 (80 GiB), T4 (15 GiB)"),
        ((GB10, GB10), (570, 1), "2 × GB10"),
        ((), (570, 1), "no card, though there is a driver"),
        ((), None, "no card"),
    ],
)
def test_cards_are_counted_by_name_and_memory(survey, gpus, driver, said):
    assert instances.cards(replace(survey, gpus=gpus, driver=driver)) == said


@pytest.mark.parametrize("driver", [None, (570, 1)])
def test_a_card_that_cannot_be_read_is_not_said_to_be_none(survey, driver):
    seen = replace(survey, gpus=(), driver=driver, card_trouble="nvidia-smi ended with 18: mismatch")
    assert instances.cards(seen) == "no card that can be read"


@pytest.mark.parametrize(
    ("failed", "report"),
    [
        (None, None),
        (
            InstanceFailed("no answer", operation="connect", hint="wait"),
            {"role": None, "operation": "connect", "error": "no answer"},
        ),
    ],
)
def test_a_failure_has_the_same_three_parts_in_every_report(failed, report):
    assert instances.failure_json(failed) == report


def test_the_instances_that_are_named_are_looked_at_and_no_other(project, monkeypatch):
    asked = []
    monkeypatch.setattr(
        look,
        "look",
        lambda chosen, where, services, **_: asked.append(([one.name for one in chosen], where, services)),
    )
    instances.look_at(["trainer"], services=True)
    instances.look_at([], services=False)
    assert asked == [(["trainer"], project, True), (["demo", "trainer"], project, False)]


def test_an_unknown_name_is_bad_input_and_nobody_is_looked_at(project, monkeypatch):
    monkeypatch.setattr(look, "look", lambda *_, **__: pytest.fail("looked"))
    with pytest.raises(BadInput, match="no instance 'trainr'"):
        instances.look_at(["trainr"], services=True)


def test_a_box_by_its_pasted_command_needs_no_project_and_makes_none(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GPUSTRAP_PROJECT", raising=False)
    where, (one,) = instances.selected(["ssh -p 29 root@box"])
    assert (where, one.name, one.ssh.port) == (tmp_path, "box:29", 29)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("names", [[], ["trainer"], ["ssh root@box", "trainer"]])
def test_without_a_project_a_name_is_nobodys(tmp_path, monkeypatch, names):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GPUSTRAP_PROJECT", raising=False)
    with pytest.raises(BadInput, match=r"no inventory/hosts\.yml here or above"):
        instances.selected(names)


def test_a_project_that_is_named_and_not_there_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("GPUSTRAP_PROJECT", str(tmp_path / "gone"))
    with pytest.raises(BadInput, match="GPUSTRAP_PROJECT"):
        instances.selected(["ssh root@box"])
