from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from gpustrap.cli import exit
from gpustrap.cli.main import app

VERBS = {name: verb for name, verb in get_command(app).commands.items() if not verb.hidden}


@pytest.mark.parametrize("verb", VERBS)
def test_every_help_has_an_example(verb):
    shown = CliRunner().invoke(app, [verb, "--help"], terminal_width=200).stdout
    assert f"Example: gpustrap {verb}" in shown


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_told_whole_in_the_list(verb):
    [line] = [line for line in CliRunner().invoke(app, ["--help"]).stdout.splitlines() if line.split()[:1] == [verb]]
    assert not line.endswith("...") or verb == "gpus"


def test_the_help_imports_nothing_that_takes_time():
    heavy = ("gevent", "paramiko", "pydantic", "pyinfra", "pytest", "rich", "ruamel", "yaml")
    code = f"import sys, gpustrap.cli.main; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["upp"], "No such command 'upp'. Did you mean 'up'?\nhint: `gpustrap --help` shows what there is\n"),
        (
            ["lab", "dwn"],
            "No such command 'dwn'. Did you mean 'down'?\nhint: `gpustrap lab --help` shows what there is\n",
        ),
        (
            ["up", "--rolse", "x"],
            "No such option: --rolse (Possible options: --roles, --verbose)\nhint: `gpustrap up --help` shows what there is\n",
        ),
        (["ssh"], "Missing argument 'INSTANCE'\nhint: `gpustrap ssh --help` shows what there is\n"),
        (["plan", "--limit"], "Option '--limit' requires an argument\n"),
    ],
)
def test_a_wrong_word_is_one_sentence_and_where_to_look(words, said, capsys):
    assert exit.run(app, words) == 2
    assert capsys.readouterr() == ("", said)


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("verb", ["up", "plan", "verify", "status", "inspect", "explain", "torch explain"])
def test_bad_input_is_said_to_a_person_and_with_json_to_a_program_too(verb, capsys):
    said = "inventory/hosts.yml: no instance 'trainr'; nearest: 'trainer'\nhint: instances: demo, trainer\n"
    assert exit.run(app, [*verb.split(), "trainr"]) == 2
    assert capsys.readouterr() == ("", said)
    assert exit.run(app, [*verb.split(), "trainr", "--json"]) == 2
    out, err = capsys.readouterr()
    assert err == said
    assert json.loads(out) == {
        "error": [
            {
                "file": "inventory/hosts.yml",
                "line": None,
                "key": None,
                "message": "no instance 'trainr'",
                "nearest": "trainer",
                "hint": "instances: demo, trainer",
            }
        ]
    }


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("up --jsno --json", "No such option: --jsno"),
        ("--json upp", "No such option: --json"),
        ("upp --json", "No such command 'upp'"),
        ("up demo --json --roles", "Option '--roles' requires an argument"),
        ("inspect --json", "Missing argument 'INSTANCE'"),
        ("inspect demo trainer --json", "Got unexpected extra argument"),
        ("gpus 'RTX 9999 nonsense' --json", ""),
        ("torch explain --gpu nonsense --json", ""),
        ("plan --roles nope --json", "no role 'nope'"),
        ("verify --accept-new-key --json", "the keys of all instances would be forgotten"),
    ],
)
def test_every_word_that_is_wrong_is_an_object_where_json_is_asked_for(words, message, capsys):
    assert exit.run(app, shlex.split(words)) == 2
    out, err = capsys.readouterr()
    [fault, *_] = json.loads(out)["error"]
    assert set(fault) == {"file", "line", "key", "message", "nearest", "hint"}
    assert fault["message"].startswith(message) and fault["message"] in err


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("words", ["ssh demmo -- jq --json", "ssh demmo jq --json", "up --jsno"])
def test_the_words_of_another_command_ask_us_for_no_object(words, capsys):
    assert exit.run(app, words.split()) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("verb", ["up", "plan", "verify"])
def test_new_host_keys_are_taken_of_named_instances_only(verb, capsys):
    assert exit.run(app, [verb, "--accept-new-key"]) == 2
    assert capsys.readouterr() == (
        "",
        "--accept-new-key: the keys of all instances would be forgotten; name those that were reset\n"
        f"hint: for example `gpustrap {verb} trainer --accept-new-key`\n",
    )


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("words", [["schema"], ["gpus", "--json"], ["--help"]])
def test_a_closed_pipe_is_silent(words):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run([sys.executable, "-m", "gpustrap", *words], stdout=closed, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("typed", "offered"), [("up t", "trainer"), ("status ", "demo\ntrainer"), ("ssh tr", "trainer"), ("ini", "init")]
)
def test_the_shell_completes_verbs_and_instances(typed, offered):
    typing = {
        "_GPUSTRAP_COMPLETE": "complete_bash",
        "COMP_WORDS": f"gpustrap {typed}",
        "COMP_CWORD": str(typed.count(" ") + 1),
    }
    done = subprocess.run(
        [sys.executable, "-m", "gpustrap"], env={**os.environ, **typing}, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == (f"{offered}\n", "")
