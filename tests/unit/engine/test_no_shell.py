from __future__ import annotations

import pytest

from gpustrap.engine.no_shell import LOGIN_HINT, of_no_begin, of_no_session, of_no_shell


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("Error: Your SSH client doesn't support PTY\x1b[0m\n",
         "connect: its ssh gives a terminal only, no commands: it ended with 1 and said: Error: Your SSH client doesn't support PTY\n"
         "hint: use the direct ssh command of the provider's page: root@IP -p PORT"),
        ("pseudo-terminal needed", "connect: its ssh gives a terminal only, no commands: it ended with 1 and said: pseudo-terminal needed\n"
         "hint: use the direct ssh command of the provider's page: root@IP -p PORT"),
        (" bye\n\x07 now ", "connect: its login shell ends before it runs a command: it ended with 1 and said: bye now\n"
         "hint: look there for `set -e`, `exit` and `exec` in what the login shell reads for a command: /etc/bash.bashrc and ~/.bashrc (bash), ~/.zshenv (zsh), ~/.config/fish (fish); and for ForceCommand in sshd_config, command= in ~/.ssh/authorized_keys: `ssh HOST true` has to work"),
        ("\x1b]x", "connect: its login shell ends before it runs a command: it ended with 1 and said: ]x\n"
         "hint: look there for `set -e`, `exit` and `exec` in what the login shell reads for a command: /etc/bash.bashrc and ~/.bashrc (bash), ~/.zshenv (zsh), ~/.config/fish (fish); and for ForceCommand in sshd_config, command= in ~/.ssh/authorized_keys: `ssh HOST true` has to work"),
        ("", "connect: its login shell ends before it runs a command: it ended with 1 and said nothing\n"
         "hint: look there for `set -e`, `exit` and `exec` in what the login shell reads for a command: /etc/bash.bashrc and ~/.bashrc (bash), ~/.zshenv (zsh), ~/.config/fish (fish); and for ForceCommand in sshd_config, command= in ~/.ssh/authorized_keys: `ssh HOST true` has to work"),
    ],
)  # fmt: skip
def test_a_login_without_a_shell_says_what_to_do(said: str, text: str) -> None:
    assert str(of_no_shell(1, said)) == text


def test_of_a_long_answer_the_beginning_is_told() -> None:
    assert of_no_shell(1, "x " * 500).error.endswith("said: " + "x " * 150)


COREUTILS = "Debian's package of it is coreutils"
PASSWORD = "sudo_password in hosts.yml says where it is read"
ALLOWED = "`sudo -l` on the instance shows what is allowed; or log in as root"


@pytest.mark.parametrize(
    ("said", "text", "hint"),
    [
        ("sh: base64: not found", "it has no base64, which gpustrap's commands need (sh: base64: not found)", COREUTILS),
        ("sh: 1: head: command not found", "it has no head, which gpustrap's commands need (sh: 1: head: command not found)", COREUTILS),
        ("sh: 1: head: not found\ngpustrap-eaten", "it has no head, which gpustrap's commands need (sh: 1: head: not found)", COREUTILS),
        ("cat: not found", "it has no cat, which gpustrap's commands need (cat: not found)", COREUTILS),
        ("hello\ngpustrap-eaten", "a start-up file of its login shell takes what is sent to commands",
         "look there for `read`, `cat` and `exec <` in /etc/bash.bashrc and ~/.bashrc (bash) or ~/.zshenv (zsh)"),
        ("gpustrap-0a1b begin", "a start-up file of its login shell has sent stdout where stderr goes",
         "look there for `exec` with `>&2` in /etc/bash.bashrc and ~/.bashrc (bash) or ~/.zshenv (zsh)"),
        ("sudo: a password is required",
         "sudo lets this user run some commands without a password, and not gpustrap's (sudo: a password is required)",
         "sudo_password: {env: NAME} in hosts.yml says where it is, or log in as root"),
        ("sudo: no password was provided\nsudo: a password is required",
         "sudo refuses the password (sudo: no password was provided sudo: a password is required)", PASSWORD),
        ("sudo: no password was provided", "sudo refuses the password (sudo: no password was provided)", PASSWORD),
        ("sudo: 3 incorrect password attempts", "sudo refuses the password (sudo: 3 incorrect password attempts)", PASSWORD),
        ("sudo: unable to resolve host", "sudo runs nothing for this user (sudo: unable to resolve host)", ALLOWED),
        ("Sorry, user me may not run sudo", "sudo runs nothing for this user (Sorry, user me may not run sudo)", ALLOWED),
        ("MemoryError", "the instance's memory is full (MemoryError)",
         "`ps -eo rss,args --sort=-rss | head` there shows what has it: end that, or rent more"),
    ],
)  # fmt: skip
def test_what_sudo_and_a_stripped_image_say_is_told_for_what_it_is(said: str, text: str, hint: str) -> None:
    assert str(of_no_shell(1, said)) == f"connect: {text}\nhint: {hint}"


@pytest.mark.parametrize(
    ("said", "tail"), [("", ""), ("Welcome\x1b[0m\n", "; it said: Welcome"), ("A" * 200, "; it said: …")]
)
def test_a_shell_that_does_not_come_to_our_command_is_quoted_without_our_request(said: str, tail: str) -> None:
    failure = of_no_begin(20, said)
    assert failure.error == f"its login shell runs no command within 20 s{tail}"
    assert (failure.operation, failure.hint) == ("connect", LOGIN_HINT)


def test_a_connection_without_a_session_names_the_setting() -> None:
    assert str(of_no_session("open failed")) == (
        "connect: its ssh lets us in and opens no session (open failed)\n"
        "hint: MaxSessions in its sshd_config has to be 1 or more"
    )
