"""The verb: what it prints, installs and takes away."""

from __future__ import annotations

from pathlib import Path

import pytest

from gpustrap.cli import exit
from gpustrap.cli.main import app


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GPUSTRAP_HOME", str(tmp_path / "own"))
    (tmp_path / "p" / "inventory").mkdir(parents=True)
    text = "defaults: {roles: [base]}\ninstances:\n  a: {ssh: ssh -p 2222 root@203.0.113.1}\n  b: {ssh: me@h}\n"
    (tmp_path / "p" / "inventory" / "hosts.yml").write_text(text)
    monkeypatch.chdir(tmp_path / "p")
    return tmp_path


def test_without_an_option_it_prints_an_entry_each_and_writes_nothing(home, capsys):
    assert exit.run(app, ["ssh-config"]) == 0
    printed = capsys.readouterr().out
    assert [line for line in printed.splitlines() if line.startswith("Host ")] == ["Host a", "Host b"]
    assert not (home / ".ssh").exists()


def test_it_installs_and_takes_away(home, capsys, monkeypatch):
    assert exit.run(app, ["ssh-config", "--install"]) == 0
    assert "ssh, scp, rsync and editors now know: a, b" in capsys.readouterr().err
    assert (home / ".ssh" / "config").read_text() == f'Include "{home}/own/ssh_config"\n'
    monkeypatch.chdir(home)
    assert exit.run(app, ["ssh-config", "--remove"]) == 0
    assert not (home / ".ssh" / "config").exists()
    assert exit.run(app, ["ssh-config", "--remove"]) == 0
    assert "nothing was installed" in capsys.readouterr().err


def test_both_at_once_is_refused(capsys):
    assert exit.run(app, ["ssh-config", "--install", "--remove"]) == 2
    assert "cannot both be" in capsys.readouterr().err


def test_a_name_that_two_projects_have_is_said_and_stays_the_others_when_one_goes(home, capsys, monkeypatch):
    exit.run(app, ["ssh-config", "--install"])
    other = home / "q"
    (other / "inventory").mkdir(parents=True)
    (other / "inventory" / "hosts.yml").write_text("instances: {a: {ssh: root@there, roles: [base]}}\n")
    monkeypatch.chdir(other)
    capsys.readouterr()
    assert exit.run(app, ["ssh-config", "--install"]) == 0
    said = capsys.readouterr().err.splitlines()
    assert said[-1] == f"a is this project's from now on: {home}/p has one of that name too"
    assert exit.run(app, ["ssh-config", "--remove"]) == 0
    assert capsys.readouterr().err == "removed; ssh still knows those of other projects: a, b\n"
