"""One service by a person's hand, on fake sessions: what is asked, what is run, and what is said of it."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace

import pytest

from gpustrap.engine.batch import Answer
from gpustrap.engine.services import files_of, identity
from gpustrap.resolve.service import Service, Services
from gpustrap.run import service_looks
from gpustrap.run.svc import by_hand
from gpustrap.run.work import Options

WEB = Service("web", "serve", 8080, url="http://out")
RUNS = f"service web 0 0 {identity(files_of(WEB))} abc "


@pytest.fixture
def box(world, role, monkeypatch):
    """Instance `one` with the service `web`; `box(verb, …)` does it and answers the result and what was run."""
    role("services", resolve="def choose(settings, survey, context): raise AssertionError('replaced')")
    monkeypatch.setattr(service_looks.Decisions, "of", lambda _self, _role: Services((WEB,)))
    connector = world.sessions["one"].connector

    def does(verb, before=RUNS, after=RUNS, files=WEB, stopped="stopped", code=0, rolled=""):
        ran: list[str] = []

        def ask(commands):
            answers = (before, _states(files))
            return {command: Answer(0, text.encode(), b"") for command, text in zip(commands, answers, strict=True)}

        def change(text, on_line=None, seconds=None):
            kinds = {
                "echo none; exit 0; }\nawake": "rollback",
                "\nrest\n": "wait",
                "folder=/var/lib": "lock",
                "\nbeside()": "beside",
                "\nrefuse()": "start",
                "\nthere()": "stop",
            }
            ran.append(next(kind for words, kind in kinds.items() if words in text))
            said = {"wait": f"environment abc\n{after}\n", "stop": stopped, "rollback": rolled}.get(ran[-1], "")
            return Answer(code if ran[-1] == "stop" else 0, said.encode(), b"web does not end: PID 7")

        connector.ask, connector.change = ask, change
        (one,) = (each for each in world.instances(("services",)) if each.name == "one")
        (result,) = by_hand(verb, one, "web", world.project, Options(), world.watcher).values()
        return result, ran

    return does


def _states(service):
    """The states of all its files as an instance has them."""
    lines = []
    for file in files_of(service):
        path = base64.b64encode(file.dest.encode()).decode()
        lines.append(f"state {path} file {file.octal} {hashlib.sha256(file.data).hexdigest()} ours - - - - -")
    return "\n".join([*lines, "looked\n"])


@pytest.mark.parametrize(
    ("verb", "before", "ran", "said"),
    [
        ("stop", RUNS, ["lock", "stop"], ["web: stopped"]),
        ("restart", RUNS, ["lock", "start", "wait"], ["web: restarted"]),
        ("restart", "", ["lock", "start", "wait"], ["web: restarted"]),
        ("start", RUNS, ["lock", "wait"], []),
        ("start", "", ["lock", "start", "wait"], ["web: started"]),
        ("start", RUNS.replace("web 0 0", "web 1 0") + "failed 3", ["lock", "start", "wait"], ["web: started"]),
        ("start", RUNS.replace("web 0 0", "web 0 1"), ["lock", "start", "wait"], ["web: started"]),
        ("start", RUNS + "crashes 3 4 1", ["lock", "start", "wait"], ["web: started"]),
        ("start", "service web - - - - refused port 1 is taken", ["lock", "start", "wait"], ["web: started"]),
    ],
)
def test_the_box_is_locked_then_it_is_done_and_waited_for(box, verb, before, ran, said):
    result, scripts = box(verb, before)
    assert (scripts, [change.operation for change in result.changed], result.failed) == (ran, said, None)
    assert result.unchanged == (not said)
    assert ("web" in result.services) == (verb != "stop")


BEHIND = replace(WEB, behind=True, beside="serve {port}")
GATE = Service("gateway", "nginx", 80)
LOOPS = "crashes 3 4 1"


@pytest.mark.parametrize(
    ("verb", "web", "gate", "begins"),
    [
        ("restart", "", "", "beside"),
        ("restart", LOOPS, "", "start"),
        ("restart", "", LOOPS, "start"),
        ("restart", "", None, "start"),
        ("start", LOOPS, "", "start"),
    ],
)
def test_one_that_answers_behind_the_gateway_is_started_again_beside_itself(box, monkeypatch, verb, web, gate, begins):
    monkeypatch.setattr(service_looks.Decisions, "of", lambda _self, _role: Services((BEHIND, GATE)))
    ready = f"service web 0 0 {identity(files_of(BEHIND))} abc "
    lines = ["environment abc", ready + web]
    if gate is not None:
        lines.append(f"service gateway 0 0 {identity(files_of(GATE))} abc {gate}")
    result, ran = box(verb, before="\n".join(lines), after=ready, files=BEHIND)
    assert (ran, result.failed) == (["lock", begins, "wait"], None)
    assert [change.operation for change in result.changed] == [f"web: {verb}ed"]


def test_one_that_does_not_run_is_not_stopped(box):
    result, _ = box("stop", stopped="none")
    assert (result.changed, result.unchanged) == ([], 1)


@pytest.mark.parametrize("stopped", ["stopped", "none"])
def test_who_listens_on_its_port_all_the_same_is_named(box, world, stopped):
    result, _ = box("stop", stopped=f"{stopped}\ntaken python3 (PID 9: python3 serve.py)")
    assert result.failed is None
    note = "web: its port 8080 is still listened on, by python3 (PID 9: python3 serve.py): end that on the instance"
    assert result.notes == [note]
    assert world.watcher.said["one"][-1] == note


def test_one_that_does_not_end_is_a_failure(box):
    result, _ = box("stop", code=1)
    assert str(result.failed) == "services | web: web does not end: PID 7"


@pytest.mark.parametrize("verb", ["start", "restart"])
def test_one_that_does_not_get_ready_fails_with_the_end_of_its_log(box, verb):
    result, _ = box(verb, before="", after=RUNS + "closed \nsaid web boom")
    assert str(result.failed) == (
        "services | web: web is not ready: nothing listens on its port\nthe end of the log of web:\n  boom"
    )


@pytest.mark.parametrize("verb", ["start", "restart"])
def test_other_files_than_those_of_hosts_yml_are_left_to_up(box, verb):
    result, ran = box(verb, files=replace(WEB, command="other"))
    assert str(result.failed) == (
        "services | web: /etc/gpustrap/services/web/command is not there as hosts.yml has it now\n"
        "hint: `gpustrap up one` brings it there, and starts the service with it"
    )
    assert ran == ["lock"]


def test_it_is_stopped_whatever_its_files_are(box):
    result, _ = box("stop", files=replace(WEB, command="other"))
    assert result.failed is None


def test_one_of_a_project_is_started_with_the_files_that_are_there_and_once_more_by_the_next_up(box, monkeypatch):
    """Whether they are those of this computer is not known once it has been stopped."""
    monkeypatch.setattr(service_looks.Decisions, "of", lambda _self, _role: Services((replace(WEB, code="00ff"),)))
    result, scripts = box("start", before="", after=RUNS)
    assert (scripts, result.failed) == (["lock", "start", "wait"], None)


@pytest.mark.parametrize(
    ("rolled", "failed", "said"),
    [
        ("again web 2.5 -", "None", ["web: nobody answered for 2.5 s", "`gpustrap up one` brings back what hosts.yml says"]),
        ("again web - -", "None", ["`gpustrap up one` brings back what hosts.yml says"]),
        ("none", "services | web: there is no version of web before this one", []),
        (
            "again web - - unanswered 500\ninstead web 1.0 -",
            "services | web: the version before does not get ready: its health path answers 500; the present one was started again",
            [],
        ),
    ],
)  # fmt: skip
def test_it_goes_back_to_the_version_before(box, world, rolled, failed, said):
    result, ran = box("rollback", rolled=rolled)
    assert (ran, str(result.failed)) == (["lock", "rollback"], failed)
    assert world.watcher.said["one"][-len(said) or 99 :] == said
    assert [change.operation for change in result.changed] == (["web: the version before runs again"] if said else [])
