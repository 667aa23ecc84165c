"""The guided start with a box that is only told of: what is asked, what is shown, what is written."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gpustrap.cli import exit
from gpustrap.cli.main import app
from gpustrap.errors import InstanceFailed
from gpustrap.inventory.hosts import load_hosts
from gpustrap.resolve.box.survey import Disk, VisibleCard
from gpustrap.run.look import InstanceLook
from gpustrap.run.report import Result
from gpustrap.ui import ask

SSH = "ssh -p 28123 root@i-1.gpushare.com"
CARD = VisibleCard("NVIDIA GeForce RTX 4090", (8, 9), 24576)
GIB = 2**30


@pytest.fixture
def person(tmp_path, monkeypatch, survey, capsys, no_role_loaded):
    """A person at a terminal in an empty directory: `person(words, answers)` → (exit code, what was shown)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delenv("GPUSTRAP_PROJECT", raising=False)
    monkeypatch.setenv("GPUSTRAP_HOME", str(tmp_path.with_name("own")))
    monkeypatch.setattr(ask, "at_terminal", lambda: True)
    monkeypatch.setattr("gpustrap.cli.init.at_terminal", lambda: True)
    monkeypatch.setattr(ask.select, "select", lambda *_: ([], [], []))
    box = replace(
        survey, provider="gpushare", driver=(570, 124, 6), gpus=(CARD,),
        disks=(Disk("/hy-tmp", 50 * GIB, 50 * GIB, False),),
    )  # fmt: skip

    class Person:
        def __init__(self):
            self.looks, self.ran = [InstanceLook(survey=box)], []

        def __call__(self, words, *answers):
            left = list(answers)

            def line(question):
                print(question, file=sys.stderr)
                answer = left.pop(0)
                if answer == "^C":
                    raise KeyboardInterrupt
                return f"{answer}\n"

            monkeypatch.setattr(ask, "_line", line)
            code = exit.run(app, words)
            assert left == []
            return code, capsys.readouterr().err

        def look(self, instances, project, **_):
            assert project.is_absolute()
            return {instances[0].name: self.looks.pop(0)}

        def up(self, verb, arguments, project):
            assert project.is_absolute()
            assert arguments.screen.enter_agrees
            self.ran += [verb, *arguments.names, arguments.yes]
            return {name: Result() for name in arguments.names}

    somebody = Person()
    monkeypatch.setattr("gpustrap.run.look.look", somebody.look)
    monkeypatch.setattr("gpustrap.cli.up.run", somebody.up)
    somebody.box = box
    return somebody


def test_from_a_paste_to_up(person):
    code, shown = person([], f"登录指令：{SSH} 复制", "", "y")
    assert code == 0 and person.ran == ["up", "gpushare", False]
    assert "gpushare (恒源云), a container" in shown and "NVIDIA GeForce RTX 4090 (24 GiB)" in shown
    assert "/hy-tmp: 50 GiB free, is WIPED by a stop" in shown and "自定义服务" in shown
    (one,) = load_hosts(Path()).instances.values()
    assert (one.name, one.ssh.port, one.roles[-2:]) == ("gpushare", 28123, ("torch", "services"))


def test_every_answer_is_an_option_too(person):
    code, _ = person(["init", "boxes", "--ssh", SSH, "--name", "mine", "--yes"])
    assert code == 0 and person.ran == ["up", "mine", True]
    assert list(load_hosts(Path("boxes")).instances) == ["mine"]


def test_a_card_that_is_not_visible_is_asked_for_until_it_is_known(person):
    person.looks = [InstanceLook(survey=replace(person.box, gpus=()))]
    code, shown = person(["init", "--ssh", SSH, "--name", "mine"], "RTX 4091", "RTX 4090", "")
    assert code == 0 and "no card 'RTX 4091' in the catalog; nearest: 'RTX 4090'" in shown
    assert load_hosts(Path()).instances["mine"].settings["torch"].gpu == "RTX 4090"


@pytest.mark.parametrize("answer", ["", "none"])
def test_without_a_card_there_is_no_torch(person, answer):
    person.looks = [InstanceLook(survey=replace(person.box, gpus=(), driver=None))]
    assert person(["init", "--ssh", SSH, "--name", "mine"], answer, "")[0] == 0
    assert "torch" not in load_hosts(Path()).instances["mine"].roles


def test_what_cannot_be_used_is_said_and_asked_for_again(person):
    code, shown = person(["init"], "ssh root@ssh.runpod.io", SSH, "a b", "mine", "")
    assert code == 0 and "gives only a terminal" in shown and "'a b' is no instance's name" in shown


def test_a_box_that_does_not_answer_is_tried_again(person):
    person.looks = [InstanceLook(failed=InstanceFailed("it does not answer", hint="is it started?")), *person.looks]
    code, shown = person(["init", "--ssh", SSH, "--name", "mine"], "", "")
    assert code == 0 and "it does not answer\nhint: is it started?\n" in shown


@pytest.mark.parametrize(
    "answers",
    [("^C",), (SSH, "^C"), (SSH, "", "^C"), ("root@ssh.runpod.io", "^C")],
    ids=["paste", "name", "write", "again"],
)
def test_ctrl_c_before_the_project_is_agreed_to_leaves_nothing(person, answers):
    code, shown = person([], *answers)
    assert code == 130 and shown.endswith("stopped; nothing was written\n")
    assert list(Path().iterdir()) == []


def test_ctrl_c_after_that_says_how_to_go_on(person, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("gpustrap.cli.up.run", stopped)
    code, shown = person(["init", "boxes"], SSH, "", "y")
    assert code == 130
    assert shown.endswith("stopped; hosts.yml is written and complete: `cd boxes && gpustrap up gpushare` goes on\n")
    assert list(load_hosts(Path("boxes")).instances) == ["gpushare"]


def test_a_no_writes_nothing(person):
    code, shown = person([], SSH, "", "n")
    assert code == 0 and shown.endswith("Nothing was written.\n") and list(Path().iterdir()) == []


def test_a_trial_needs_no_account(person):
    assert person([], "lab", "")[0] == 0
    assert load_hosts(Path()).instances["demo"].lab == "debian-12" and person.ran[:2] == ["up", "demo"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["init", "--ssh", SSH], "nobody can be asked here: there is no terminal\n"),
        (["init", "--ssh", SSH, "--lab", "-y"], "an instance is either --ssh or --lab\n"),
        (["init", "--ssh", SSH, "--flavour", "autodl", "-y"], "--flavour: only a container of --lab has a flavour\n"),
        (["init", "--lab", "--flavour", "autodll", "-y"], "autodl"),
        (["init", "-y"], "nobody can be asked here: there is no terminal\n"),
    ],
)
def test_answers_that_do_not_fit_are_bad_input(person, monkeypatch, words, said):
    monkeypatch.setattr("gpustrap.cli.init.at_terminal", lambda: False)
    code, shown = person(words)
    assert code == 2 and said in shown and list(Path().iterdir()) == []


def test_a_project_is_never_written_over(person):
    Path("inventory").mkdir()
    Path("inventory/hosts.yml").touch()
    code, shown = person(["init"])
    assert code == 2 and shown == "inventory/hosts.yml: is there already, and is never overwritten\n"


@pytest.mark.parametrize("there", ["file", "inventory/hosts.yml"])
def test_gpustrap_alone_is_the_help_where_something_is_there(person, there):
    Path(there).parent.mkdir(exist_ok=True)
    Path(there).touch()
    code, shown = person([])
    assert code == 2 and shown.startswith("Usage: gpustrap")
    assert "nobody can be asked here" not in shown


def test_gpustrap_alone_in_an_empty_directory_without_a_terminal_says_how_to_start(person, monkeypatch):
    monkeypatch.setattr(ask, "at_terminal", lambda: False)
    code, shown = person([])
    assert code == 2 and shown.startswith("Usage: gpustrap")
    assert shown.splitlines()[-1].startswith("hint: nobody can be asked here: `gpustrap init --ssh ")
