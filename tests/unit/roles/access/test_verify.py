"""The role's own proof, run on the answers of a fake instance."""

from __future__ import annotations

import getpass
import subprocess
from dataclasses import replace

import pytest

A = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"
B = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC"
RIGHT = {
    "cat ": f'{A} x\nfrom="10.*" {B}\n',
    "find ": "",
    "sshd": "pubkeyauthentication yes\nauthorizedkeysfile .ssh/authorized_keys\n",
}


@pytest.fixture
def chosen():
    from roles.access.resolve import Access

    return Access((f"{A} me", f"{B} you"), "root", "/root", "/root/.ssh/authorized_keys")


def test_what_is_let_in_is_proved(proved, chosen) -> None:
    verdict = proved("access", chosen, RIGHT)
    assert (verdict.passed, verdict.broken) == (3, [])


@pytest.mark.parametrize(
    ("said", "promise", "error"),
    [
        ({"cat ": f"# {B}\n{A}\n"}, "every key is let in", "not let in: you"),
        (
            {"find ": "/root\n"},
            "sshd trusts the file and its folders",
            "others may write there, so sshd reads no key: /root; `chmod go-w` and `chown root` mend it",
        ),
        ({"sshd": "authorizedkeysfile /etc/%u /x\n"}, "sshd reads this file", "sshd there reads /etc/%u /x"),
        (
            {"sshd": "pubkeyauthentication no\n"},
            "sshd reads this file",
            "sshd there takes no keys: PubkeyAuthentication is off",
        ),
    ],
)
def test_what_keeps_a_key_out_is_named(broken, chosen, said, promise: str, error: str) -> None:
    assert broken("access", chosen, {**RIGHT, **said}) == {promise: error}


def test_an_sshd_that_cannot_be_asked_is_no_fault(proved, chosen) -> None:
    assert proved("access", chosen, {**RIGHT, "sshd": (1, "")}).broken == []


def test_each_key_and_each_file_is_named(broken, chosen) -> None:
    said = {**RIGHT, "cat ": "", "find ": "/root\n/root/.ssh\n"}
    assert broken("access", chosen, said) == {
        "every key is let in": "not let in: me, you",
        "sshd trusts the file and its folders": "others may write there, so sshd reads no key: /root, /root/.ssh;"
        " `chmod go-w` and `chown root` mend it",
    }


def test_what_sshd_says_counts_whatever_its_letters(broken, chosen) -> None:
    said = {"sshd": "PubkeyAuthentication no\nAuthorizedKeysFile .ssh/authorized_keys\n"}
    wrong = broken("access", chosen, {**RIGHT, **said})
    assert wrong == {"sshd reads this file": "sshd there takes no keys: PubkeyAuthentication is off"}


def test_a_login_with_an_odd_name_stays_one_word(broken, chosen) -> None:
    odd = replace(chosen, user="a b")
    asked: list[str] = []
    broken("access", odd, {"": lambda command: asked.append(command) or ""})
    assert any("user='a b',host=x" in command for command in asked)
    assert any("! -user 'a b'" in command for command in asked)


@pytest.mark.parametrize(("mode", "mistrusted"), [(0o755, False), (0o775, True), (0o757, True)])
def test_who_may_write_there_is_found_on_the_disk(broken, chosen, tmp_path, mode: int, mistrusted: bool) -> None:
    home, user = tmp_path / "a home", getpass.getuser()
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "authorized_keys").touch(0o600)
    home.chmod(0o755)
    (home / ".ssh").chmod(mode)

    def asked(command: str) -> str:
        return subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout

    (home / ".ssh" / "authorized_keys").write_text(RIGHT["cat "])
    there = replace(chosen, user=user, home=str(home), file=str(home / ".ssh" / "authorized_keys"))
    wrong = broken("access", there, {"find ": asked, "cat ": asked, "sshd": RIGHT["sshd"]})
    hint = f"`chmod go-w` and `chown {user}` mend it"
    said = f"others may write there, so sshd reads no key: {home / '.ssh'}; {hint}"
    assert wrong == ({"sshd trusts the file and its folders": said} if mistrusted else {})
