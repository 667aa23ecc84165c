"""The key file that counts is that of the command, else that of the person's ssh_config."""

from __future__ import annotations

import pytest

from gpustrap.engine.failures import KeyRefused, TooManyKeys
from gpustrap.inventory.hosts import read_hosts
from gpustrap.run.refusal import identity_of, said


@pytest.mark.parametrize(
    ("command", "identity"), [("ssh -i /mine root@box", "/mine"), ("root@box", "~/.ssh/box"), ("root@other", None)]
)
def test_which_key_file_is_meant(tmp_path, monkeypatch, command, identity):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "config").write_text("Host box\n  IdentityFile ~/.ssh/box\n")
    hosts = read_hosts(
        tmp_path, f"instances:\n  it: {{ssh: {command}, roles: [base]}}\n  lab: {{lab: debian-12, roles: []}}\n"
    )
    assert identity_of(hosts.instances["it"]) == identity
    assert identity_of(hosts.instances["lab"]) is None
    refused = KeyRefused("x")
    assert said(refused, hosts.instances["lab"]) is refused
    many = TooManyKeys("y")
    assert said(many, hosts.instances["it"]) is many


def test_a_key_that_is_not_let_in_may_have_been_forgotten_by_a_reset(tmp_path, monkeypatch):
    monkeypatch.setattr("gpustrap.run.refusal.keys.usable_key", lambda _identity: object())
    instance = read_hosts(tmp_path, "instances: {it: {ssh: root@box, roles: [base]}}\n").instances["it"]
    assert str(said(KeyRefused("no"), instance)) == (
        "connect: no; a new box, or one that was reset, does not know the key yet\n"
        "hint: `gpustrap up it` at a terminal asks for the password once, and lets a key in"
    )
