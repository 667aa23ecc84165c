from __future__ import annotations

import ast
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gpustrap.resolve.hub import Client, Store, Wanted

CLIENT = Client("/venv/bin/python", Store("/data/hub", "/data/records"), ("HF_HOME=/it's here",))
ONE = Wanted("model", "org/it's")


@pytest.mark.parametrize("name", ["look", "fetch"])
def test_a_program_needs_nothing_of_ours(name: str) -> None:
    from gpustrap.engine.hub import PROGRAMS, program

    tree = ast.parse(program(name))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not [module for module in imported if module and module.partition(".")[0] in ("gpustrap", "roles")]
    assert ast.unparse(tree.body[-1]) == f"{PROGRAMS[name][1]}()"
    assert len(program(name)) < 60_000  # a word for the shell has 128 KiB at most


def test_the_job_makes_its_folders_and_fetches(tmp_path: Path) -> None:
    from gpustrap.engine.facts.detached import Job
    from gpustrap.engine.hub_script import script_of

    script = script_of(CLIENT, [Wanted("model", "a/b")], Job("hub", "/data/jobs/hub"))
    assert (script.dest, script.mode) == ("/data/jobs/hub/run", "755")
    assert "\ncache=/data/hub\nrecords=/data/records\n" in script.text
    assert "fetch_all()" in script.text and '"repo": "a/b"' in script.text


def test_the_program_runs_by_the_client_with_its_variables_alone() -> None:
    from gpustrap.engine.hub_script import hub_script

    text = hub_script(Client(sys.executable, CLIENT.store, CLIENT.variables), [ONE], "look")
    shown = text.replace(shlex.quote("I-never-am"), "").replace(
        "-W ignore -c",
        '-c \'import os; print(sorted(n for n in os.environ if n[:3] == "HF_"), os.environ["HF_HOME"])\' -c',
    )
    done = subprocess.run(
        ["sh", "-c", shown],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "HF_ENDPOINT": "http://x", "HF_TOKEN": "s"},
    )
    names = ["HF_HOME", "HF_HUB_DISABLE_PROGRESS_BARS", "HF_HUB_DISABLE_TELEMETRY", "HF_HUB_DISABLE_UPDATE_CHECK"]
    assert done.stdout == f"{names} /it's here\n", done.stderr


def test_another_user_runs_it_himself() -> None:
    from gpustrap.engine.hub_script import hub_script

    words = shlex.split(hub_script(replace(CLIENT, user="ubuntu"), [ONE], "fetch"))
    assert words[:6] == ["runuser", "-u", "ubuntu", "--", "/bin/sh", "-c"]


def test_folders_are_made_and_those_that_are_there_stay(tmp_path: Path) -> None:
    from gpustrap.engine.scripts import clean

    home = tmp_path / "it's"
    made = clean("hub-folders", user="", cache=f"{home}/hub", records=f"{home}/gpustrap")
    for _ in range(2):
        subprocess.run(["sh", "-c", made], check=True)
        (home / "hub" / "kept").touch()
    assert sorted(path.name for path in home.rglob("*")) == ["gpustrap", "hub", "kept"]


def test_what_runs_the_client_is_one_command_and_nothing_while_it_is_not_there() -> None:
    from gpustrap.engine.hub import arguments, program
    from gpustrap.engine.hub_script import hub_script

    client = replace(CLIENT, python="/a b/python")
    _, _, command = hub_script(client, [ONE], "look").partition("\n[ ! -x '/a b/python' ] || ")
    assert shlex.split(command) == [
        "env", "HF_HOME=/it's here", "/a b/python", "-I", "-W", "ignore", "-c", program("look"),
        arguments(CLIENT.store, [ONE]),
    ]  # fmt: skip


def test_the_job_of_another_user_makes_folders_that_are_his() -> None:
    from gpustrap.engine.facts.detached import Job
    from gpustrap.engine.hub_script import HEAD, hub_script, script_of

    client = replace(CLIENT, user="ubuntu")
    text = script_of(client, [ONE], Job("hub", "/data/jobs/hub")).text
    assert (
        text.startswith(HEAD) and "\nuser=ubuntu\n" in text and text.endswith(hub_script(client, [ONE], "fetch") + "\n")
    )
