"""~/.ssh/config gets one line and nothing else, and is given back byte for byte."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from gpustrap.errors import BadInput
from gpustrap.laptop.ssh_entries import entries_file
from gpustrap.laptop.ssh_include import install, remove

ENTRY = "Host trainer\n    HostName 203.0.113.1\n"
BEFORES = [b"", b"Host a\n  Port 1", b"# caf\xe9\r\nHost *\r\n", b"\n\n", b"Match all\nInclude other\n"]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GPUSTRAP_HOME", str(tmp_path / "own folder"))
    (tmp_path / ".ssh").mkdir()
    return tmp_path / ".ssh" / "config"


@pytest.mark.parametrize("before", BEFORES)
def test_it_is_given_back_byte_for_byte(config, tmp_path, before):
    config.write_bytes(before)
    config.chmod(0o640)
    assert install(tmp_path, ENTRY)
    line, rest = config.read_bytes().split(b"\n", 1)
    assert (line, rest) == (f'Include "{entries_file()}"'.encode(), before)
    assert not install(tmp_path, ENTRY) and config.read_bytes() == line + b"\n" + before
    assert config.stat().st_mode & 0o777 == 0o640
    assert remove(tmp_path)
    assert config.read_bytes() == before and not entries_file().exists()
    assert not remove(tmp_path)


def test_where_there_was_none_there_is_none_again(config, tmp_path):
    install(tmp_path, ENTRY)
    assert (config.stat().st_mode & 0o777, entries_file().stat().st_mode & 0o777) == (0o600, 0o600)
    install(tmp_path, ENTRY)
    remove(tmp_path)
    assert not config.exists()


def test_what_was_written_since_stays(config, tmp_path):
    install(tmp_path, ENTRY)
    config.write_bytes(config.read_bytes() + b"Host mine\n")
    remove(tmp_path)
    assert config.read_bytes() == b"Host mine\n"


def test_ssh_reads_the_entries(config, tmp_path):
    install(tmp_path, ENTRY)
    shown = subprocess.run(["ssh", "-F", str(config), "-G", "trainer"], capture_output=True, text=True, check=True)
    assert "hostname 203.0.113.1\n" in shown.stdout


def test_each_project_has_its_own_and_the_latest_comes_first(config, tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    install(one, ENTRY)
    install(other, "Host trainer\n    HostName 203.0.113.2\n")
    assert entries_file().read_text().index("203.0.113.2") < entries_file().read_text().index("203.0.113.1")
    assert remove(other) and "203.0.113.1" in entries_file().read_text() and config.exists()
    assert remove(None)
    assert not config.exists() and not entries_file().exists()


def test_a_link_stays_a_link(config, tmp_path):
    real = tmp_path / "dotfiles"
    real.write_bytes(b"Host a\n")
    config.symlink_to(real)
    install(tmp_path, ENTRY)
    assert config.is_symlink() and real.read_bytes().endswith(b"\nHost a\n")
    remove(tmp_path)
    assert config.is_symlink() and real.read_bytes() == b"Host a\n"


def test_a_file_of_several_names_is_left_alone(config, tmp_path):
    config.write_bytes(b"Host a\n")
    (tmp_path / "second").hardlink_to(config)
    with pytest.raises(BadInput, match="several names") as bad:
        install(tmp_path, ENTRY)
    assert f'Include "{entries_file()}"' in str(bad.value)
    assert config.read_bytes() == b"Host a\n" and not entries_file().exists()


def test_a_line_that_counts_for_some_hosts_only_is_not_enough(config, tmp_path):
    config.write_text(f'Host a\nInclude "{entries_file()}"\n')
    assert install(tmp_path, ENTRY)


@pytest.mark.skipif(os.getuid() != 0, reason="gives a file to another user")
def test_the_owner_stays(config, tmp_path):
    config.write_bytes(b"")
    os.chown(config, 12345, 12346)
    install(tmp_path, ENTRY)
    assert (config.stat().st_uid, config.stat().st_gid) == (12345, 12346)


@pytest.mark.parametrize("folder", ["100%", "a*", 'q"q'])
def test_a_folder_that_ssh_would_read_otherwise_is_refused(config, tmp_path, monkeypatch, folder):
    monkeypatch.setenv("GPUSTRAP_HOME", str(tmp_path / folder))
    with pytest.raises(BadInput, match="GPUSTRAP_HOME names another folder"):
        install(tmp_path, ENTRY)
    assert not config.exists()
