from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from gpustrap.cli import exit
from gpustrap.cli.main import app
from gpustrap.cli.ssh import login
from gpustrap.lab import login as boxes

GONE = "`gpustrap up demo` makes it"


@pytest.fixture
def started(monkeypatch) -> list[list[str]]:
    """The argv that the process would become."""
    argvs: list[list[str]] = []
    monkeypatch.setattr(os, "execvp", lambda _file, argv: argvs.append(argv))
    return argvs


def test_the_pasted_command_is_run_with_the_known_hosts_of_gpustrap(project: Path):
    argv = login("trainer")
    assert argv[:2] == ["ssh", "-o"]
    assert argv[3:] == [
        "-o", "StrictHostKeyChecking=accept-new", "-p", "28123", "-l", "root", "-o", "Compression=yes", "--",
        "i-1.gpushare.com",
    ]  # fmt: skip


def test_openssh_reads_the_command_as_it_is_meant(project: Path):
    argv = login("trainer")
    shown = subprocess.run([argv[0], "-F", "none", "-G", *argv[1:]], capture_output=True, text=True, check=True).stdout
    said = dict(line.split(" ", 1) for line in shown.splitlines())
    assert (said["hostname"], said["port"], said["user"], said["compression"]) == (
        "i-1.gpushare.com",
        "28123",
        "root",
        "yes",
    )
    [known_hosts] = (project.parent / "own %home").glob("instances/trainer-*/known_hosts")
    assert said["userknownhostsfile"].replace("%%", "%").strip('"') == str(known_hosts)


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("words", "command"),
    [
        ([], []),
        (["--", "nvidia-smi", "-L"], ["nvidia-smi", "-L"]),
        (["nvidia-smi", "-L"], ["nvidia-smi", "-L"]),
        (["ls", "--help"], ["ls", "--help"]),
    ],
)
def test_what_follows_the_instance_is_the_commands(started, words, command):
    assert exit.run(app, ["ssh", "trainer", *words]) == 0
    assert started == [[*login("trainer"), *command]]


@pytest.mark.usefixtures("project", "started")
def test_a_lab_target_that_is_not_there_is_not_made(monkeypatch, capsys):
    monkeypatch.setattr(boxes, "find_engine", lambda: None)  # this machine may have none
    monkeypatch.setattr(boxes, "find_box", lambda _engine, _name: None)
    assert exit.run(app, ["ssh", "demo"]) == 1
    assert capsys.readouterr() == ("", f"the lab target is not there\nhint: {GONE}\n")


@pytest.mark.usefixtures("project")
def test_without_an_ssh_client_it_is_said(monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    assert exit.run(app, ["ssh", "trainer"]) == 1
    assert capsys.readouterr() == ("", "there is no ssh client here\nhint: install the OpenSSH client\n")
