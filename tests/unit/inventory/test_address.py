from __future__ import annotations

import getpass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpustrap.inventory.address import Address, address_of
from gpustrap.inventory.ssh import parse_ssh

ME = getpass.getuser()
CONFIG = """\
Host gpu
  HostName 203.0.113.7
  User root
  Port 2222
Host inner
  HostName %h.lan
  ProxyJump gate
Host *
  User everywhere
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".ssh").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ssh -p 29231 root@127.0.0.1", "root@127.0.0.1 -p 29231", True),
        ("ssh root@Box.LAN", "ssh -p 22 root@box.lan.", True),
        ("ssh root@box", "ssh://root@box", True),
        ("ssh box", f"ssh {ME}@box", True),
        ("ssh -o User=root -o Port=9 box", "ssh -p 9 -l root box", True),
        ("ssh root@2001:db8:0::1", "ssh root@[2001:DB8::0001]", True),
        ("ssh -o HostName=1.2.3.4 -l root a", "ssh root@1.2.3.4", True),
        ("ssh -i k -o Compression=yes root@box", "ssh root@box", True),
        ("ssh -o ProxyCommand=none root@box", "ssh root@box", True),
        ("ssh root@box", "ssh other@box", False),
        ("ssh -p 1 root@box", "ssh -p 2 root@box", False),
        ("ssh root@box", "ssh root@box2", False),
        ("ssh -J a root@10.0.0.5", "ssh -J b root@10.0.0.5", False),
        ("ssh -J a root@10.0.0.5", "ssh -J A root@10.0.0.5", True),
        ("ssh -o 'ProxyCommand=nc a 22' root@h", "ssh root@h", False),
    ],
)
def test_two_commands_lead_to_the_same_box_or_not(one, other, same):
    assert (address_of(parse_ssh(one)) == address_of(parse_ssh(other))) is same


@pytest.mark.parametrize(
    ("command", "address"),
    [
        ("ssh gpu", Address("root", "203.0.113.7", 2222, None)),
        ("ssh -p 9 me@gpu", Address("me", "203.0.113.7", 9, None)),
        ("ssh GPU", Address("root", "203.0.113.7", 2222, None)),
        ("ssh -o HostName=box gpu", Address("root", "box", 2222, None)),
        ("ssh inner", Address("everywhere", "inner.lan", 22, "gate")),
        ("ssh 203.0.113.7", Address("everywhere", "203.0.113.7", 22, None)),
    ],
)
def test_what_the_command_leaves_open_is_the_ssh_config_s(home, command, address):
    (home / ".ssh" / "config").write_text(CONFIG)
    assert address_of(parse_ssh(command)) == address


def test_a_config_that_makes_no_sense_is_no_reason_to_stop(home):
    (home / ".ssh" / "config").write_bytes(b"Host *\n  Port many\n  User 'open\n\xff\n=\nHostName\n")
    assert address_of(parse_ssh("ssh me@box")) == Address("me", "box", 22, None)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=80))
def test_any_config_is_read(home, text):
    (home / ".ssh" / "config").write_text(text, encoding="utf-8", errors="replace")
    assert isinstance(address_of(parse_ssh("ssh me@box")), Address)
