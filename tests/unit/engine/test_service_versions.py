"""A changed service that does not get ready, under a real tmux: what ran before runs again, and what failed is kept."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from urllib.request import urlopen

import pytest

from gpustrap.engine import service_versions
from gpustrap.engine.facts.tmux import TmuxServices
from gpustrap.engine.service_versions import (
    Again,
    Settled,
    moving,
    read_settled,
    rollback,
    settling,
    settling_seconds,
)
from gpustrap.engine.services import identity_of, probe
from gpustrap.resolve.gateway import CONFIGURATION, LOADED, RUN
from gpustrap.resolve.service import Service
from service_box import Box

BACK = r"; the version before runs again, nobody answered for [\d.]+ s; its files and log are kept on the instance in "


def answers(box: Box) -> int:
    with urlopen(f"http://127.0.0.1:{box.port}/204", timeout=5) as answer:
        return int(answer.status)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"command": "echo boom; exit 7"}, "ends before it listens|crash loop"),
        ({"address": "127.0.0.1"}, "listens on 127.0.0.1 only"),
        ({"health": "/500"}, "its health path answers 500"),
        ({"command": "exec sleep 600"}, "nothing listens on its port after 2 s, and it still runs"),
    ],
    ids=["exits", "local", "500", "slow"],
)
def test_one_that_does_not_get_ready_makes_room_for_the_one_before(box: Box, change: dict[str, str], said: str) -> None:
    old = box.serves(ready_seconds=2, health="/200", env={"MODE": "old"})
    assert box.up(old) == "" and box.settled.gaps == {}
    address, rest = change.get("address", "0.0.0.0"), {k: v for k, v in change.items() if k != "address"}
    new = replace(box.serves(address, ready_seconds=2, health="/200", env={"MODE": "new"}), **rest)

    failure = box.up(new)

    first = failure.splitlines()[0]
    assert re.search(f"({said}).*{BACK}{box.units}/{box.name}/failed$", first), failure
    assert answers(box) == 204
    assert box.reason(old) is None, "the old one runs as it was"
    assert "MODE=old" in box.place(f"{old.directory}/env").read_text()
    kept = box.units / box.name / "failed"
    assert "MODE=new" in (kept / "unit" / "env").read_text()
    assert ("boom" in (kept / "log").read_text()) == ("boom" in failure)
    assert [oct(path.stat().st_mode & 0o777) for path in (box.units / box.name, kept / "unit" / "env")] == [
        "0o700",
        "0o600",
    ]


def test_one_before_that_had_long_holds_up_nobody_for_so_long(box: Box, monkeypatch) -> None:
    """It has its own time, and whoever waits gives it no more than the present one's, or a minute: here a second."""
    monkeypatch.setattr(service_versions, "GIVEN_SECONDS", 1)
    old = box.serves(ready_seconds=3600)
    old = replace(old, command=f"[ -e {box.folder}/go ] || exec sleep 600; {old.command}")
    (box.folder / "go").touch()
    assert box.up(old) == ""
    (box.folder / "go").unlink()
    failure = box.up(box.service("exec sleep 601", ready_seconds=2))
    assert "nothing listens on its port" in failure
    assert box.settled.again[box.name].trouble.startswith("nothing listens on its port after 2 s")
    assert settling_seconds([old]) == 7200 and settling_seconds([box.service("x", ready_seconds=2)]) == 4


def test_a_change_that_gets_ready_is_kept_and_the_gap_is_told(box: Box) -> None:
    assert box.up(box.serves()) == ""
    assert box.up(box.serves(env={"MODE": "new"})) == ""
    assert 0 < box.settled.gaps[box.name] < 10
    units = box.units / box.name
    assert "new" in (units / "ready" / "unit" / "env").read_text()
    assert "new" not in (units / "before" / "unit" / "env").read_text()
    assert box.up(box.serves(env={"MODE": "new"}, health="/200")) == ""
    assert "new" not in (units / "before" / "unit" / "env").read_text(), "how it is asked is no other version"


def test_where_the_one_before_does_not_get_ready_either_both_are_said(box: Box) -> None:
    switch = box.folder / "switch"
    switch.touch()
    old = box.service(f"[ -e {switch} ] || exit 3; {box.serves().command}", ready_seconds=6)
    assert box.up(old) == ""
    switch.unlink()
    failure = box.up(replace(old, command="exec sleep 600", ready_seconds=1))
    assert "; the version before was started again and does not get ready: it ends " in failure


@pytest.mark.parametrize("kind", ["first", "once", "code"])
def test_without_another_version_to_go_back_to_nothing_is_started(box: Box, kind: str) -> None:
    """None was ready; what is to run once is not run again; the files of a project are no part of the unit."""
    bad = box.service("exec sleep 600", ready_seconds=1)
    if kind == "once":
        bad = replace(bad, restart="never")
        assert box.up(box.serves(restart="never")) == ""
    if kind == "code":
        flag = box.folder / "flag"
        bad = box.service(f"[ ! -e {flag} ] || exec sleep 600; {box.serves().command}", ready_seconds=4, code="a")
        assert box.up(bad) == ""
        flag.touch()
        bad = replace(bad, code="b", ready_seconds=1)
    assert box.up(bad).startswith(f"{box.name} is not ready: nothing listens on its port after 1 s")
    assert box.settled.again == {} and not (box.units / box.name / "failed").exists()


def test_what_a_service_has_put_beside_its_files_is_neither_copied_nor_taken_away(box: Box) -> None:
    big = box.place(f"{box.serves().directory}/files/data")
    big.parent.mkdir(parents=True)
    big.write_text("its own")
    assert box.up(box.serves()) == ""
    assert box.up(box.service("exit 1", ready_seconds=1)) != ""
    assert big.read_text() == "its own"
    assert sorted(path.name for path in (box.units / box.name / "ready" / "unit").iterdir()) == [
        "command",
        "env",
        "run",
    ]


def test_what_is_brought_back_is_written_down_as_ours(box: Box) -> None:
    """Else `revert` would take it for a person's."""
    import hashlib

    assert box.up(box.serves()) == ""
    assert box.up(box.service("exit 1", ready_seconds=1)) != ""
    command = box.place(f"{box.serves().directory}/command")
    record = Path(f"{box.folder}/kept/wrote{command}").read_text().splitlines()[-1]
    assert record == f"{hashlib.sha256(command.read_bytes()).hexdigest()} services"


def test_a_rollback_starts_the_version_before_and_a_second_one_comes_back(box: Box) -> None:
    one, two = box.serves(env={"MODE": "one"}), box.serves(env={"MODE": "two"})
    assert box.up(one) == ""
    assert box.settle(rollback(box.serves(), (), *box.places))[1:] == ["none"]
    assert box.up(two) == ""
    for runs in (one, two):
        box.settle(rollback(box.serves(), (), *box.places))
        assert box.settled.again[box.name].trouble == "" and box.reason(runs) is None


def test_a_rollback_to_one_that_does_not_get_ready_leaves_the_present_one(box: Box) -> None:
    switch = box.folder / "switch"
    switch.touch()
    one, two = box.serves(), box.serves(env={"MODE": "two"})
    one = replace(one, command=f"[ -e {switch} ] || exit 3; {one.command}")
    assert (box.up(one), box.up(two)) == ("", "")
    switch.unlink()
    box.settle(rollback(box.serves(), (), *box.places))
    assert box.settled.again[box.name].trouble.startswith("it ends again and again") and box.reason(two) is None


@pytest.mark.parametrize(
    ("line", "again"),
    [
        ("again web 3.5 /f", Again(3.5, "/f")),
        ("again web - /f closed", Again(None, "/f", "nothing listens on its port")),
        ("again web rubbish", None),
        ("gap web -", None),
    ],
)
def test_what_the_instance_says_is_read_whatever_it_is(line: str, again: Again | None) -> None:
    seen = read_settled([line, "gap other 1.25"])
    assert (seen.again.get("web"), seen.gaps) == (again, {"other": 1.25})


def test_every_word_of_a_service_is_quoted(box: Box) -> None:
    text = settling([box.serves(health="/a b'c")])
    assert f"settle {box.name} " in text and "'/a b'\"'\"'c'" in text
    assert os.linesep + "rest" + os.linesep in text


def test_what_a_killed_run_has_begun_keeps_nothing_once_a_revert_has_taken_all_away(box: Box) -> None:
    service = box.serves()
    assert box.start(service) == ""
    gone = box.folder / "gone"
    box.run(settling([service], *box.places, whole=True).replace("/var/lib/gpustrap", str(gone)))
    assert not gone.exists() and not (box.units / box.name / "ready").exists()
    box.settle(settling([service], *box.places, whole=True))
    assert (box.units / box.name / "ready").exists()


WEB = Service("web", "x", 8001, ready_seconds=20)
JOB = Service("job", "x", ready_seconds=7)


def test_what_takes_over_has_time_for_two_reloads_of_the_gateway_and_one_more_start() -> None:
    beside = replace(WEB, beside="x {port}")
    assert (moving(WEB), moving(beside)) == (0, 62 + 20)
    assert settling_seconds([JOB, beside, replace(WEB, ready_seconds=90)]) == 90 + (60 + 60 + 90) + 82


@pytest.mark.parametrize(
    ("service", "words"),
    [
        (replace(WEB, health="/ok"), "8001 /ok 20 yes run command env"),
        (WEB, "8001 '' 20 yes run command env"),
        (JOB, "'' '' 12 yes run command env"),
        (replace(JOB, restart="never"), "'' '' 12 '' run command env"),
        (replace(WEB, beside="x {port}", check="y"), "8001 '' 20 yes run command env beside health"),
    ],
)
def test_each_service_is_settled_by_its_identity_and_its_own_files(service: Service, words: str) -> None:
    lines = settling([service, WEB], whole=True).splitlines()
    asks = [line for one in (service, WEB) for line in probe(one).asks(12, one.patience, "await").splitlines()]
    assert lines[-4 - len(asks) : -4] == asks
    settles = f"settle {service.name} {identity_of(service)} {words}"
    assert lines[-4:] == ["rest", settles, f"settle web {identity_of(WEB)} 8001 '' 20 yes run command env", "booted"]
    assert settling([service]).splitlines()[-1] == settles


def test_what_the_instance_says_of_all_services_is_read_as_a_whole() -> None:
    said = ["moved web", "moved", "gap web 0.5", "gap", "again job 2 /f closed", "again job2 2", "noise"]
    assert read_settled(said) == Settled(
        TmuxServices().process([]), {"web": 0.5}, {"job": Again(2, "/f", "nothing listens on its port")}, ("web",)
    )


@pytest.mark.parametrize("behind", [True, False])
def test_a_rollback_is_told_all_ports_and_whom_the_gateway_leads_to(behind: bool) -> None:
    text = rollback(replace(WEB, behind=behind), (8001, 8002), "/f", "/l", "/u")
    lines = text.splitlines()
    assert {"service=web", "identity=''", "taken='8001 8002'", "folder=/f", "logs=/l", "units=/u", "given=3600"} <= {
        *lines
    }
    assert {f"pids={RUN}", f"configuration={CONFIGURATION}", f"loaded={LOADED}"} <= {*lines}
    assert ("behind web" in lines) is behind
