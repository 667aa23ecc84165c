"""A person has a password and no key that the box knows: asked once, her key is let in, and no password is asked again."""

from __future__ import annotations

import subprocess
import time

import pytest

pytestmark = pytest.mark.one_release

PASSWORD = "correct h0rse"
HELLO = {"roles": ["services"], "services": {"web": {"preset": "hello"}}}


@pytest.fixture
def rented(project, box, ssh, tmp_path, monkeypatch):
    """A box that is known by its ssh command and a password; the laptop has a home with no key in it."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    ssh(
        box,
        f"echo 'root:{PASSWORD}' | chpasswd; printf 'PasswordAuthentication yes\\nPermitRootLogin yes\\n'"
        " >/etc/ssh/sshd_config.d/00-password.conf; kill -HUP $(cat /run/sshd.pid 2>/dev/null || pgrep -o sshd)",
    )
    await_sshd(box)
    project.write({"it": {"ssh": f"ssh -p {box.ssh_port} root@{box.ssh_host}", **HELLO}})
    return home


def await_sshd(box):
    """It has read its configuration again: the one before may still answer, and between the two nobody does."""
    offers = [
        *box.ssh_command[:-1],
        "-o",
        "PubkeyAuthentication=no",
        "-o",
        "BatchMode=yes",
        box.ssh_command[-1],
        "true",
    ]
    end = time.monotonic() + 30
    while "password" not in subprocess.run(offers, capture_output=True, text=True, timeout=30).stderr:
        assert time.monotonic() < end, "sshd offers no password"
        time.sleep(0.1)


def keys_of(ssh, box):
    return ssh(box, "cat /root/.ssh/authorized_keys").splitlines()


def test_a_password_once_and_then_a_key(project, box, ssh, rented, at_terminal):
    ssh(
        box,
        'printf %s "$(cat /root/.ssh/authorized_keys)" >/root/k; cat /root/k >/root/.ssh/authorized_keys; rm /root/k',
    )
    before = keys_of(ssh, box)

    run = at_terminal(project, "plan", "it")
    run.wait_for("this laptop has no ssh key")
    run.wait_for("Its password")
    run.shown = ""
    run.type("wrong\n")
    run.wait_for("the instance refuses this password")
    run.wait_for("Its password")
    run.type(f"{PASSWORD}\n")
    run.wait_for("[Y/n]")
    run.type("\n")
    assert run.end() == 3, run.shown

    key = rented / ".ssh" / "id_ed25519"
    assert "".join(f"now holds this laptop's key {key}".split()) in "".join(run.shown.split())  # however it is wrapped
    assert PASSWORD not in run.shown
    assert oct(key.stat().st_mode & 0o777) == "0o600"
    public = key.with_suffix(".pub").read_text().strip()
    assert keys_of(ssh, box) == [*before, public]
    assert ssh(box, "stat -c %a /root/.ssh/authorized_keys") == "600"
    # No question is asked any more, by us or by ssh.
    assert project.run("plan", "it", "--json").code == 3
    argv = ["ssh", "-F", "none", "-i", str(key), "-p", str(box.ssh_port), "-o", "BatchMode=yes"]
    options = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", f"root@{box.ssh_host}", "true"]
    assert subprocess.run([*argv, *options], check=False, capture_output=True).returncode == 0


def test_who_does_not_want_a_key_goes_on_by_the_password(project, box, ssh, rented, at_terminal):
    before = keys_of(ssh, box)

    run = at_terminal(project, "plan", "it")
    run.wait_for("Its password")
    run.type(f"{PASSWORD}\n")
    run.wait_for("[Y/n]")
    run.type("n\n")
    assert run.end() == 3, run.shown

    assert keys_of(ssh, box) == before
    assert not (rented / ".ssh").exists()


def test_without_a_terminal_the_sentence_says_what_to_do(project, box, rented):
    ran = project.run("up", "it", "-y", "--json")

    assert ran.code == 1
    assert ran.report("it")["failed"]["error"].startswith("this laptop has no ssh key (")
    assert "`gpustrap up it` at a terminal asks for the password once" in ran.stderr


def test_three_wrong_passwords_end_it(project, box, rented, at_terminal):
    run = at_terminal(project, "up", "it")
    for _ in range(3):
        run.wait_for("Its password")
        run.shown = ""
        run.type("wrong\n")
    assert run.end() == 1
    assert "the instance refused 3 passwords" in run.shown


def test_a_paste_of_two_lines_is_enough(project, box, ssh, rented):
    """Nobody is asked: with -y the key is let in as is proposed, and the password is used for that alone."""
    before = keys_of(ssh, box)
    paste = f"登录指令：ssh -p {box.ssh_port} root@{box.ssh_host} 复制\n登录密码：{PASSWORD.replace(' ', '')}\n"
    ssh(box, f"echo 'root:{PASSWORD.replace(' ', '')}' | chpasswd")

    ran = project.run("up", paste.replace("登录指令：", "").replace(" 复制", ""), "--roles", "services", "-y", "--json")

    assert "now holds this laptop's key" in ran.stderr, ran.stderr
    assert PASSWORD.replace(" ", "") not in ran.stderr + ran.stdout
    assert len(keys_of(ssh, box)) == len(before) + 1
    assert project.run("plan", "it", "--json").code in (0, 3)


def test_logins_that_fail_are_called_what_they_are(project, box, ssh, rented, tmp_path, monkeypatch, at_terminal):
    """A real agent with more keys than sshd counts; a commented-out line; a home that others may write to."""
    make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", ""]
    socket = tmp_path / "agent"
    with subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL) as agent:
        try:
            monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
            for number in range(8):
                subprocess.run([*make, "-f", str(tmp_path / f"k{number}")], check=True)
                while subprocess.run(["ssh-add", "-q", str(tmp_path / f"k{number}")], capture_output=True).returncode:
                    assert agent.poll() is None
            ran = project.run("plan", "it")
            assert ran.code == 1 and "its ssh gateway" not in ran.stderr, ran.stderr
            assert "the instance ended the login while this laptop's keys were tried" in ran.stderr, ran.stderr
            # The key file that sshd knows is never reached behind the agent's: it is tried alone.
            (rented / ".ssh").mkdir()
            subprocess.run([*make, "-f", str(rented / ".ssh" / "id_ed25519")], check=True)
            public = (rented / ".ssh" / "id_ed25519.pub").read_text().strip()
            ssh(box, f"echo '# {public}' >>/root/.ssh/authorized_keys; chmod 700 /root")
            ran = project.run("plan", "it")
            assert ran.code == 1, ran.stderr
            ssh(box, f"echo '{public}' >>/root/.ssh/authorized_keys")
            ran = project.run("plan", "it")
            assert ran.code == 3, ran.stderr
        finally:
            agent.terminate()
    monkeypatch.delenv("SSH_AUTH_SOCK")
    # A passphrase is asked once, and the key then logs in.
    key = str(rented / ".ssh" / "id_ed25519")
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "open sesame", "-f", key], check=True)
    run = at_terminal(project, "plan", "it")
    run.wait_for("The key's passphrase")
    run.type("open sesame\n")
    assert run.end() == 3, run.shown
    # The key stands there as a comment only, and StrictModes mistrusts the home.
    ssh(box, f"sed -i 's|^{public[:40]}|# &|' /root/.ssh/authorized_keys; chmod 777 /root/.ssh")
    run = at_terminal(project, "plan", "it")
    run.wait_for("The key's passphrase")
    run.type("open sesame\n")
    run.wait_for("Its password")
    run.type(f"{PASSWORD}\n")
    run.wait_for("[Y/n]")
    run.type("\n")
    assert run.end() == 1, run.shown
    assert "sshd there mistrusts /root/.ssh" in run.shown, run.shown
