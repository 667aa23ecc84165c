from __future__ import annotations

import logging
import os
import re
from pathlib import Path

import pytest
from paramiko import SSHConfig

from gpustrap.engine import questions
from gpustrap.inventory.instance import Instance
from gpustrap.inventory.reveal import revealed
from gpustrap.inventory.secrets import Secret
from gpustrap.inventory.ssh import SshTarget
from gpustrap.laptop.paths import places_of
from gpustrap.run.connection import note_proved, reach, ssh_config, ssh_data
from roles.network.settings import Settings

OWN = "Host gpu\n  HostName i-9.example\n  Port 1\n  User someone\n\nHost *\n  Port 22\n  ServerAliveInterval 7\n"


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GPUSTRAP_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".ssh").mkdir()
    return tmp_path / ".ssh" / "config"


def looked_up(target: SshTarget, own: str = OWN) -> dict[str, object]:
    return dict(SSHConfig.from_text(ssh_config(target, own)).lookup(target.host))


def test_what_the_command_says_counts_before_ones_own_ssh_config() -> None:
    found = looked_up(SshTarget("gpu", 28123, "root", jump="relay", options=(("ServerAliveInterval", "9"),)))
    assert found == {
        "hostname": "i-9.example",
        "port": "28123",
        "user": "root",
        "proxyjump": "relay",
        "serveraliveinterval": "9",
    }


def test_what_the_command_leaves_open_comes_from_ones_own_ssh_config() -> None:
    found = looked_up(SshTarget("gpu"))
    assert (found["hostname"], found["port"], found["user"]) == ("i-9.example", "1", "someone")
    assert looked_up(SshTarget("other"), "") == {"hostname": "other"}


def test_other_hosts_get_nothing_of_the_command() -> None:
    own = f"Compression yes\n{OWN}"  # for every host
    config = SSHConfig.from_text(ssh_config(SshTarget("gpu", 28123, "root", jump="relay"), own))
    assert dict(config.lookup("relay")) == {
        "hostname": "relay",
        "port": "22",
        "serveraliveinterval": "7",
        "compression": "yes",
    }


@pytest.mark.parametrize(
    ("own", "user"),
    [
        (None, None),
        (b"# caf\xe9\nHost gpu\n  User me\n", "me"),
        ("# 卡\nHost gpu\n  User me\n".encode(), "me"),
    ],
)
def test_ones_own_ssh_config_may_be_missing_or_in_another_encoding(own_home: Path, tmp_path: Path, own, user) -> None:
    if own is not None:
        own_home.write_bytes(own)
    places = places_of(tmp_path, "trainer")
    ssh_data(SshTarget("gpu", 28123), places)
    found = SSHConfig.from_text(places.ssh_config.read_text(encoding="utf-8")).lookup("gpu")
    assert (found["port"], found.get("user")) == ("28123", user)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_in_its_place_is_not_waited_for(own_home: Path, tmp_path: Path, make) -> None:
    make(own_home)
    ssh_data(SshTarget("gpu", 28123), places_of(tmp_path, "trainer"))


def test_an_instance_has_its_own_known_hosts_and_key(tmp_path: Path) -> None:
    places = places_of(tmp_path, "trainer")
    assert ssh_data(SshTarget("gpu", identity_file="~/.ssh/id"), places) == {
        "ssh_hostname": "gpu",
        "ssh_known_hosts_file": str(places.known_hosts),
        "ssh_strict_host_key_checking": "accept-new",
        "ssh_config_file": str(places.ssh_config),
        "ssh_key": "~/.ssh/id",
    }


def reached(
    project: Path, *, replay: bool = True, password: Secret | None = None, region: str = "cn", **reaching: bool
):
    instance = Instance("trainer", SshTarget("gpu"), None, password, region, (), {})
    return reach(instance, project, replay=replay, say=print, **reaching).host_data


def test_only_a_replaying_run_has_a_memory(tmp_path: Path) -> None:
    assert reached(tmp_path)["gpustrap_memory"] == str(places_of(tmp_path, "trainer").memory)
    assert "gpustrap_memory" not in reached(tmp_path, replay=False)


def test_the_last_checks_are_asked_with_the_facts_by_a_replaying_run_that_proves(tmp_path: Path) -> None:
    assert reached(tmp_path, proves=True)["gpustrap_checks"] == str(places_of(tmp_path, "trainer").checks)
    assert "gpustrap_checks" not in {**reached(tmp_path), **reached(tmp_path, proves=True, replay=False)}


@pytest.mark.parametrize(("proved", "makes", "expects"), [("cn", True, False), ("global", True, True), (None, True, True),
                                                          ("global", False, False), (None, False, False)])  # fmt: skip
def test_settings_that_were_not_proved_bring_changes_which_make_checks_before_them_vain(
    tmp_path, proved, makes, expects
) -> None:
    if proved:
        note_proved(Instance("trainer", SshTarget("gpu"), None, None, proved, (), {}), places_of(tmp_path, "trainer"))
    assert ("gpustrap_checks" in reached(tmp_path, proves=True, makes=makes)) is not expects


def test_what_is_noted_of_settings_shows_none_of_them(tmp_path: Path) -> None:
    places = places_of(tmp_path, "trainer")
    note_proved(
        Instance("trainer", SshTarget("gpu"), None, None, "cn", (), {"network": Settings(proxy="http://canary:3128")}),
        places,
    )
    assert re.fullmatch("[0-9a-f]{64}", places.proved.read_text())
    assert places.proved.stat().st_mode & 0o777 == 0o600


def test_a_command_of_a_verify_file_that_changed_is_not_asked_again(tmp_path: Path) -> None:
    places, verify = places_of(tmp_path, "trainer"), tmp_path / "roles" / "shared.py"
    verify.parent.mkdir()
    verify.write_text("old\n")
    reached(tmp_path)
    for memory in (places.memory, places.checks):
        questions.remember(memory, ["true"])
    reached(tmp_path)
    assert (questions.recall(places.memory), questions.recall(places.checks)) == (("true",), ("true",))
    verify.write_text("new\n")
    reached(tmp_path, replay=False)
    reached(tmp_path, proves=True)
    assert (questions.recall(places.memory), questions.recall(places.checks)) == ((), ())


def test_a_known_key_stays(tmp_path: Path) -> None:
    file = places_of(tmp_path, "trainer").known_hosts
    file.write_text("old key\n")
    reached(tmp_path)
    assert file.read_text() == "old key\n"


def test_a_password_is_never_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOX_PASSWORD", "canary")
    revealed.cache_clear()
    data = reached(tmp_path, password=Secret(env="BOX_PASSWORD"))
    assert data["ssh_password"] == "canary"
    logged = logging.LogRecord("pyinfra", logging.DEBUG, "", 0, "Connecting to: %s (%r)", ("box", dict(data)), None)
    assert "canary" not in repr(data) + logged.getMessage()


def test_ones_own_ssh_config_is_only_read(own_home: Path, tmp_path: Path) -> None:
    own_home.write_text(OWN)
    before = own_home.stat()
    reached(tmp_path)
    assert (own_home.read_text(), own_home.stat().st_mtime_ns) == (OWN, before.st_mtime_ns)
