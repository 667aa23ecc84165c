"""Keys of hosts.yml are let in by a real sshd, go again, and nobody is locked out; what others wrote stays."""

from __future__ import annotations

import subprocess

import pytest

pytestmark = pytest.mark.one_release

FILE = "/root/.ssh/authorized_keys"


@pytest.fixture
def friend(tmp_path):
    """Somebody's key: the file, and its public line."""
    key = tmp_path / "friend"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "friend@home", "-f", str(key)], check=True)
    return key, key.with_suffix(".pub").read_text(encoding="utf-8").strip()


def lets_in(box, key) -> bool:
    words = [*box.ssh_command[:-1], "-o", "BatchMode=yes", "-o", "ControlPath=none"]
    words[words.index("-i") + 1] = str(key)
    return subprocess.run([*words, box.ssh_command[-1], "true"], capture_output=True, timeout=60).returncode == 0


def test_keys_come_and_go_and_the_one_in_use_stays(project, box, ssh, friend):
    key, public = friend
    own = ssh(box, f"cat {FILE}")

    def up(keys):
        project.write({box.name: {"lab": box.release, "roles": ["access"], "access": {"keys": keys}}})
        return project.up().changed(box.name)

    assert not lets_in(box, key)
    assert up([public]) == ["access | keys"] and up([public]) == []
    assert lets_in(box, key)
    assert up([]) == ["access | keys"] and not lets_in(box, key)
    assert ssh(box, f"cat {FILE}") == own

    ssh(box, "echo 'AuthorizedKeysFile /etc/keys/%u' >/etc/ssh/sshd_config.d/00-elsewhere.conf")
    ran = project.run("verify", box.name)
    assert ran.code == 1 and "sshd there reads /etc/keys/%u" in ran.stderr
    ssh(box, "rm /etc/ssh/sshd_config.d/00-elsewhere.conf")

    up([public, own])
    ssh(box, f"sed -i 1d {FILE}; grep -c . {FILE}")  # from now on only our block lets the lab's own key in
    assert ssh(box, f"head -n 1 {FILE}") == "# gpustrap access begin"
    assert up([public]) == ["access | keys"] and up([public]) == []
    assert lets_in(box, key) and ssh(box, f"tail -n 1 {FILE}").split()[:2] == own.split()[:2]

    up([public, own])
    ssh(box, f"sed -i '$d' {FILE}")
    assert project.revert().changed(box.name) == ["access | keys", "gpustrap | own folders"]
    assert not lets_in(box, key) and ssh(box, f"cat {FILE}").split()[:2] == own.split()[:2]
