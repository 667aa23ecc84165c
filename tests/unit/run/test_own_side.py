"""What is not well on this computer is told with what mends it; what is well is not told."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from gpustrap.laptop import keys
from gpustrap.run import own_side as own

NO_KEY = ("key_missing", "there is no key to log in with, and no ssh agent holds one")


@pytest.fixture
def told(world, tmp_path, monkeypatch):
    """`told(http_proxy=…)`: cause and sentence of each verdict, with a home of its own and no agent."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    instance = world.instances()[0]

    def of(lab=None, **environment):
        one = instance if lab is None else replace(instance, ssh=None, lab=lab)
        return [(each.cause, each.sentence) for each in own.own_side(one, environment)]

    return of


@pytest.fixture
def port():
    """One at which nobody answers while the test runs: it is taken, and nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_a_key_that_only_its_owner_reads_is_not_told(told) -> None:
    assert told() == [NO_KEY]
    keys.make_key()
    assert told() == []


def test_a_key_that_others_may_read_is_told_with_its_mend(told, world) -> None:
    path = keys.make_key().path
    path.chmod(0o644)
    assert told() == [("key_wide", f"other users may read the key {path}: ssh, rsync and editors refuse it")]
    assert own.own_side(world.instances()[0], {})[0].mend == f"here: `chmod 600 {path}`"


def test_a_key_that_others_may_read_is_mended_once_and_only_where_asked(told, world) -> None:
    path, instance = keys.make_key().path, world.instances()[0]
    path.chmod(0o644)
    assert own.fix(instance) == f"the key {path} is its owner's alone now"
    assert (path.stat().st_mode & 0o777, told(), own.fix(instance)) == (0o600, [], None)


def test_a_lab_target_has_nothing_to_mend_here(told, world) -> None:
    keys.make_key().path.chmod(0o644)
    assert own.fix(replace(world.instances()[0], ssh=None, lab="debian-12")) is None


def test_a_key_with_a_passphrase_is_named(told, tmp_path, monkeypatch) -> None:
    path = tmp_path / ".ssh" / "id_rsa"
    monkeypatch.setattr(keys, "unusable_key", lambda _identity: keys.Unusable(path, locked=True))
    assert told() == [("key_locked", f"the key {path} has a passphrase, and no ssh agent holds it")]


def test_a_lab_target_needs_no_key_of_ones_own(told) -> None:
    assert told(lab="debian-12") == []


def test_a_proxy_command_that_cannot_run_is_told(told, monkeypatch) -> None:
    keys.make_key()
    monkeypatch.setattr(own, "missing_program", lambda _host: "nc")
    assert told() == [("proxy_command", "ssh_config's ProxyCommand runs nc, which is not there")]


def test_a_dead_proxy_is_told_without_its_password(told, world, port: int) -> None:
    keys.make_key()
    said = "https_proxy names a proxy that does not answer: downloads on this computer fail"
    assert told(https_proxy=f"http://me:canary@127.0.0.1:{port}") == [("own_proxy_dead", said)]
    (one,) = own.own_side(world.instances()[0], {"http_proxy": f"me:canary@127.0.0.1:{port}"})
    assert (one.host, "canary" in str(one)) == (f"127.0.0.1:{port}", False)
