"""What `up`, `plan`, `verify` and `revert` make of the results of a run: exit code, report, sentence."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys

import pytest

from gpustrap.cli import exit
from gpustrap.cli.main import app
from gpustrap.errors import InstanceFailed
from gpustrap.run import plan as planning
from gpustrap.run import revert as undoing
from gpustrap.run import up as doing
from gpustrap.run import verify as proving
from gpustrap.run.report import Change, Result

CHANGED = Result([Change("base", "packages")], reasons={"base": ["curl is missing"]})
FINE = Result(unchanged=3)
FAILED = Result(failed=InstanceFailed("no answer", operation="connect"))
DECLINED = Result(declined=True)
STORIES = {"up": (doing, "up"), "plan": (planning, "plan"), "verify": (proving, "verify")}
STORIES["revert"] = (undoing, "revert")


@pytest.fixture
def run(project, monkeypatch, capsys):
    """`run("up", RESULT, "--json")` with a run that gives this result for every instance."""

    def of(verb: str, result: Result, *words: str):
        seen = []

        def story(instances, _project, options, _lines, **_how):
            seen.append(([one.name for one in instances], options))
            return {one.name: result for one in instances}

        monkeypatch.setattr(*STORIES[verb], story)
        code = exit.run(app, [verb, *words])
        return code, *capsys.readouterr(), seen

    return of


@pytest.mark.parametrize(
    ("verb", "result", "code"),
    [
        ("up", CHANGED, 0), ("up", FINE, 0), ("up", FAILED, 1), ("up", DECLINED, 0),
        ("plan", CHANGED, 3), ("plan", FINE, 0), ("plan", FAILED, 1),
        ("verify", FINE, 0), ("verify", FAILED, 1),
        ("revert", CHANGED, 0), ("revert", FINE, 0), ("revert", FAILED, 1), ("revert", DECLINED, 0),
    ],
)  # fmt: skip
def test_each_result_has_its_exit_code_and_json_is_one_object(run, verb, result, code):
    ended, out, _, _ = run(verb, result, "demo", "--json")
    assert ended == code
    assert json.loads(out) == {"instances": {"demo": result.as_json()}}
    assert run(verb, result, "demo")[:2] == (code, "")


def test_a_no_is_an_answer_and_not_a_failure(run):
    code, out, err, _ = run("up", DECLINED, "demo", "--json")
    assert (code, err) == (0, "Nothing changed.\n")
    report = json.loads(out)["instances"]["demo"]
    assert (report["ok"], report["changed"], report["failed"]) == (True, [], None)


def test_without_a_terminal_nothing_is_asked(run):
    ((_, options),) = run("up", FINE, "demo")[3]
    assert (options.confirm, options.accepts_key) == (None, None)


def test_what_is_typed_reaches_the_run(run):
    ((names, options),) = run(
        "up", FINE, "trainer", "demo", "--limit", "demo", "--roles", "services", "--no-replay", "--accept-new-key"
    )[3]
    assert (names, options.roles, options.replay, options.accept_new_key) == (["demo"], ("services",), False, True)


@pytest.mark.parametrize("words", [[], ["--stash"]])
def test_what_was_changed_there_is_moved_aside_only_where_that_is_typed(run, words):
    ((_, options),) = run("up", FINE, "demo", *words)[3]
    assert options.stash == bool(words)


@pytest.mark.parametrize("verb", ["up", "plan", "verify", "revert", "explain", "status", "inspect"])
def test_ctrl_c_while_an_instance_does_not_answer_is_a_sentence_and_an_object(project, verb):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        words = [verb, f"ssh -p {silent.getsockname()[1]} root@127.0.0.1", "--json"]
        running = subprocess.Popen(
            [sys.executable, "-m", "gpustrap", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        silent.settimeout(60)
        connection, _ = silent.accept()
        with connection:
            running.send_signal(signal.SIGINT)
            out, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (130, "stopped; the same command goes on from here\n")
    [fault] = json.loads(out)["error"]
    assert fault["message"] == "stopped; the same command goes on from here"
