"""An entry leads where the pasted command leads: asked of the OpenSSH client itself, by `ssh -G`."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gpustrap.errors import BadInput
from gpustrap.inventory.ssh import parse_ssh
from gpustrap.inventory.ssh_entry import ssh_entry

KNOWN = Path("/own folder/100%/known_hosts")


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The person's ~/.ssh/config, empty at first."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "config").touch()
    return tmp_path / ".ssh" / "config"


def resolved(own: Path, name: str, command: str) -> dict[str, str]:
    """What ssh makes of `ssh NAME` with the entry above the person's own config."""
    entry = ssh_entry(name, parse_ssh(command), KNOWN, Path("/project"))
    config = own.with_name("both")
    config.write_text(entry + "Host *\n" + own.read_text())
    shown = subprocess.run(["ssh", "-F", str(config), "-G", name], capture_output=True, text=True, check=True).stdout
    return dict(line.split(" ", 1) for line in shown.splitlines())


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("ssh -p 28123 root@i-1.gpushare.com", {"hostname": "i-1.gpushare.com", "port": "28123", "user": "root",
                                                "hostkeyalias": "[i-1.gpushare.com]:28123"}),
        ("root@203.0.113.1", {"hostname": "203.0.113.1", "port": "22", "hostkeyalias": "203.0.113.1"}),
        ("ssh -p 2 -i keys/mine root@h", {"identityfile": "/project/keys/mine"}),
        ("ssh -i ~/.ssh/other root@h", {"identityfile": "~/.ssh/other"}),
        ("ssh -J me@jump:2222 -C root@h", {"proxyjump": "me@jump:2222", "compression": "yes"}),
        ("ssh -o 'ServerAliveInterval=7' root@h", {"serveraliveinterval": "7"}),
        ("ssh root@2001:db8::1 -p 2200", {"hostname": "2001:db8::1", "hostkeyalias": "[2001:db8::1]:2200"}),
    ],
)  # fmt: skip
def test_the_command_is_what_ssh_reads(own, command, said):
    assert resolved(own, "trainer", command).items() >= said.items()


def test_the_host_key_is_the_one_that_gpustrap_keeps(own):
    said = resolved(own, "trainer", "root@h")
    assert said["userknownhostsfile"].strip('"') in (str(KNOWN), str(KNOWN).replace("%", "%%"))
    assert said["stricthostkeychecking"] == "accept-new"


def test_a_host_that_is_itself_a_name_of_the_persons_config_keeps_what_that_says(own):
    own.write_text('Host box\n  HostName 203.0.113.9\n  Port 2222\n  User me\n  IdentityFile "~/.ssh/with space"\n')
    said = resolved(own, "trainer", "ssh -p 99 box")
    assert (said["hostname"], said["port"], said["user"]) == ("203.0.113.9", "99", "me")
    assert said["identityfile"].strip('"') == "~/.ssh/with space"
    assert said["hostkeyalias"] == "[203.0.113.9]:99"


def test_an_instance_called_like_its_host_leaves_that_to_the_persons_config(own):
    own.write_text("Host box\n  HostName 203.0.113.9\n")
    assert resolved(own, "box", "ssh root@box")["hostname"] == "203.0.113.9"
    assert "HostName" not in ssh_entry("box", parse_ssh("root@box"), KNOWN, Path("/"))


def test_a_jump_host_in_the_command_comes_before_a_proxy_command(own):
    own.write_text("Host h\n  ProxyCommand nc %h %p\n")
    said = resolved(own, "trainer", "ssh -J jump root@h")
    assert said["proxyjump"] == "jump" and "proxycommand" not in said


@pytest.mark.parametrize("name", ["a\nHost *", 'a"b'])
def test_what_no_config_can_hold_is_refused(own, name):
    with pytest.raises(BadInput, match="no ssh_config can hold this IdentityFile"):
        ssh_entry("trainer", parse_ssh(f"ssh -i '{name}' root@h"), KNOWN, Path("/"))
