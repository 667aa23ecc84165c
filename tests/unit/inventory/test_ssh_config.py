"""Our reader says the same as OpenSSH's own where it says anything."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gpustrap.inventory.ssh_config import settings_for

CONFIGS = {
    "the first value wins": "User first\nHost box\n  User second\n  Port 1\nHost *\n  Port 2\n",
    "patterns": "Host b?x !bix *.lan\n  Port 3\nHost !box *\n  User never\nHost *\n  User all\n",
    "other spellings": "host=box\n\tPORT = 4\nHoSt other\nPort 5\n# Host box\n  user\tx # why\n",
    "quoted": 'Host "box" \'two\'\n  User "a b"\n',
    "match all": "Match host nothing\n  User no\nMatch all\n  Port 6\n",
    "included": "Include one two*\nHost box\n  Include three\nHost *\n  User late\n",
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".ssh").mkdir()
    return tmp_path / ".ssh"


@pytest.mark.parametrize("case", CONFIGS)
@pytest.mark.parametrize("host", ["box", "bix", "a.lan", "two", "other"])
def test_what_is_read_is_what_ssh_reads(home, case, host):
    (home / "config").write_text(CONFIGS[case])
    (home / "one").write_text("Host box\n  Port 11\n")
    (home / "two.conf").write_text("Host other\n  HostName elsewhere\n")
    (home / "three").write_text("Host *\n  HostName inside\n")
    # Without -F ssh takes its home from the passwd file, and with it an Include would start there.
    config = (home / "config").read_text().replace("Include one two*", f"Include {home}/one {home}/two*")
    (home / "whole").write_text(config.replace("Include three", f"Include {home}/three"))
    shown = subprocess.run(["ssh", "-G", "-F", home / "whole", host], capture_output=True, text=True, check=True).stdout
    theirs = dict(line.split(" ", 1) for line in shown.splitlines())
    ours = settings_for(host)
    for keyword, value in ours.items():
        assert theirs[keyword] == value
    assert theirs["port"] == ours.get("port", "22") and theirs["hostname"] == ours.get("hostname", host)


def test_files_that_include_each_other_come_to_an_end(home):
    (home / "config").write_text("Include config\nPort 7\n")
    assert settings_for("box") == {"port": "7"}


def test_without_a_file_nothing_is_said(home):
    assert settings_for("box") == {}
