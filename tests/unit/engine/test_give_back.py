"""In which order what is given back, and as which operations."""

from __future__ import annotations

from typing import Any

import pytest

from gpustrap.engine import give_back
from gpustrap.engine.facts.files import FileState
from gpustrap.engine.facts.traces import Trace, Traces
from gpustrap.engine.give_back import OWN, of_roles, tasks_of
from gpustrap.engine.operations.files import ManagedFile, ManagedKeys

HERE = FileState("file", "644", "00", ours=True)
RUN = Trace("/etc/gpustrap/services/web/run", "services", HERE)
BLOCK = Trace("/root/.bashrc", "network", HERE, block="network")
KEYS = Trace("/etc/pip.conf", "mirrors", HERE, form="ini")
MINE = Trace("/etc/motd", "motd", HERE)
OLD = Trace("/etc/apt/sources.list", "", HERE)
JOB = Trace("/root/gpustrap/jobs/torch/run", "torch", HERE)
ALL = Traces((BLOCK, KEYS, MINE, OLD, JOB, RUN))
ROLES = ("network", "mirrors", "base", "torch", "services")


def test_services_end_first_then_roles_in_reverse_and_our_folders_go_last() -> None:
    assert list(of_roles(ALL, ROLES, None)) == ["services", "torch", "mirrors", "network", "motd", OWN]


def test_what_is_nobodys_is_given_back_with_everything_and_only_then() -> None:
    assert of_roles(ALL, ROLES, None)[OWN] == (OLD,)
    assert of_roles(ALL, ROLES, ("mirrors", "base")) == {"mirrors": (KEYS,), "base": ()}


def test_a_role_that_is_not_the_instances_any_more_is_given_back_too() -> None:
    assert of_roles(ALL, (), ("motd",)) == {"motd": (MINE,)}


def test_a_box_without_traces_is_asked_for_services_and_folders_all_the_same() -> None:
    assert of_roles(Traces(), ROLES, None) == {"services": (), OWN: ()}


@pytest.fixture
def lined_up(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    heard: list[tuple[str, dict[str, Any]]] = []

    def hears(name: str) -> Any:
        return lambda **words: heard.append((name, {key: value for key, value in words.items() if key != "name"}))

    monkeypatch.setattr(give_back, "deploy", lambda _role: lambda function: function)
    monkeypatch.setattr(give_back, "managed", hears("managed"))
    for name in ("ended", "no_own_folders"):
        monkeypatch.setattr(give_back.remains, name, hears(name))
    return heard


def test_files_blocks_and_keys_are_wanted_no_more(lined_up: list[Any]) -> None:
    tasks_of("network")((BLOCK, KEYS, MINE))
    files = [
        ManagedFile("/root/.bashrc", None, block="network", spares=True),
        ManagedKeys("/etc/pip.conf", "ini", part="mirrors", spares=True),
        ManagedFile("/etc/motd", None, spares=True),
    ]
    assert lined_up == [("managed", {"files": files})]


@pytest.mark.parametrize(
    ("role", "trace", "names", "folder"),
    [
        ("services", RUN, ["ended", "managed"], "/etc/gpustrap/services/web"),
        ("torch", JOB, ["ended", "managed"], "/root/gpustrap/jobs/torch"),
    ],
)
def test_what_runs_ends_before_its_files_go(
    lined_up: list[Any], role: str, trace: Trace, names: list[str], folder: str
) -> None:
    tasks_of(role)((trace,))
    assert [name for name, _ in lined_up] == names
    assert lined_up[0][1]["folders"] == [folder]


def test_our_folders_go_behind_what_nobody_owns(lined_up: list[Any]) -> None:
    tasks_of(OWN)((OLD,))
    tasks_of(OWN)(())
    assert [name for name, _ in lined_up] == ["managed", "no_own_folders", "no_own_folders"]
