"""In which order what is given back, and as which operations."""

from __future__ import annotations

from dataclasses import replace
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
        return lambda **words: heard.append((name, words))

    monkeypatch.setattr(give_back, "deploy", lambda role: lambda function: heard.append(("of", role)) or function)
    monkeypatch.setattr(give_back, "managed", hears("managed"))
    monkeypatch.setattr(give_back.access, "only_keys", hears("only_keys"))
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
    assert lined_up == [("of", "network"), ("managed", {"name": "files", "files": files})]


def test_our_keys_go_and_those_of_others_stay(lined_up: list[Any]) -> None:
    from gpustrap.engine.operations.access import BLOCK as OURS

    tasks_of("access")((Trace("/root/.ssh/authorized_keys", "access", HERE, block=OURS),))
    keys = {"name": "keys", "path": "/root/.ssh/authorized_keys", "keys": [], "spares": True}
    assert lined_up == [("of", "access"), ("only_keys", keys)]


# Which files beside its script a service and a job have, as the scripts on the instance write them.
SERVICES_END = {
    "name": "nothing runs",
    "socket": "services",
    "files": ("state", "state.new", "log-start", "log-lost", "log-lost.new", "refused", "files"),
}
JOBS_END = {
    "name": "no job is at work",
    "socket": "jobs",
    "files": ("identity", "status", "status.new", "log", "log.1", "way"),
}


@pytest.mark.parametrize(
    ("role", "trace", "names", "folder", "ended"),
    [
        ("services", RUN, ["ended", "managed"], "/etc/gpustrap/services/web", SERVICES_END),
        ("torch", JOB, ["ended", "managed"], "/root/gpustrap/jobs/torch", JOBS_END),
    ],
)
def test_what_runs_ends_before_its_files_go(
    lined_up: list[Any], role: str, trace: Trace, names: list[str], folder: str, ended: dict[str, Any]
) -> None:
    tasks_of(role)((trace,))
    assert [name for name, _ in lined_up] == ["of", *names]
    assert lined_up[1][1] == ended | {"folders": [folder]}


def test_our_folders_go_behind_what_nobody_owns(lined_up: list[Any]) -> None:
    tasks_of(OWN)((OLD,))
    tasks_of(OWN)(())
    own = ("no_own_folders", {"name": "own folders"})
    assert [one for one in lined_up if one[0] not in ("of", "managed")] == [own, own]
    assert [name for name, _ in lined_up].index("managed") < [name for name, _ in lined_up].index("no_own_folders")


def test_a_block_in_a_file_of_others_and_what_a_job_has_beside_its_script_is_no_job(lined_up: list[Any]) -> None:
    tasks_of("torch")((replace(JOB, block="torch"), replace(JOB, path="/root/gpustrap/jobs/torch/log")))
    assert [name for name, _ in lined_up] == ["of", "managed"]
