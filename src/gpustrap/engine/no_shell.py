"""Why a login that is connected runs no command, from what it printed instead."""

from __future__ import annotations

import re

from gpustrap.engine.exhausted import lack_of
from gpustrap.engine.frame import ERRORS
from gpustrap.engine.plain import CONTROL
from gpustrap.errors import InstanceFailed
from gpustrap.language import mark, tr

LOGIN_HINT = mark(
    "look there for `set -e`, `exit` and `exec` in what the login shell reads for a command: /etc/bash.bashrc and "
    "~/.bashrc (bash), ~/.zshenv (zsh), ~/.config/fish (fish); and for ForceCommand in sshd_config, command= in "
    "~/.ssh/authorized_keys: `ssh HOST true` has to work"
)
EATEN = "gpustrap-eaten"  # said where what was sent to a command did not come to it
# What a login without a shell prints, what that means (`words`: all it printed, `match`: the part), and what helps.
KNOWN = (
    (
        r"\b(base64|head|cat)(?=: (command )?not found)",
        mark("it has no {match}, which gpustrap's commands need ({words})"),
        mark("Debian's package of it is coreutils"),
    ),
    (
        EATEN,
        mark("a start-up file of its login shell takes what is sent to commands"),
        mark("look there for `read`, `cat` and `exec <` in /etc/bash.bashrc and ~/.bashrc (bash) or ~/.zshenv (zsh)"),
    ),
    (
        rf"\bgpustrap-[0-9a-f]+({ERRORS})? begin\b",
        mark("a start-up file of its login shell has sent stdout where stderr goes"),
        mark("look there for `exec` with `>&2` in /etc/bash.bashrc and ~/.bashrc (bash) or ~/.zshenv (zsh)"),
    ),
    (
        r"password attempt|no password was provided",
        mark("sudo refuses the password ({words})"),
        mark("sudo_password in hosts.yml says where it is read"),
    ),
    (
        r"password is required",  # without a password of ours: `sudo -n true` is allowed, and not all else is
        mark("sudo lets this user run some commands without a password, and not gpustrap's ({words})"),
        mark("sudo_password: {env: NAME} in hosts.yml says where it is, or log in as root"),
    ),
    (
        r"^sudo: |^Sorry, user ",
        mark("sudo runs nothing for this user ({words})"),
        mark("`sudo -l` on the instance shows what is allowed; or log in as root"),
    ),
    (
        r"\bPTY\b|pseudo-?terminal",
        mark("its ssh gives a terminal only, no commands: {answer}"),
        mark("use the direct ssh command of the provider's page: root@IP -p PORT"),
    ),
    (r"", mark("its login shell ends before it runs a command: {answer}"), LOGIN_HINT),
)


def of_no_session(words: str) -> InstanceFailed:
    """The connection stands, and no command may be run over it."""
    return InstanceFailed(
        tr("its ssh lets us in and opens no session ({words})", words=words),
        operation="connect",
        hint=tr("MaxSessions in its sshd_config has to be 1 or more"),
    )


def of_no_begin(seconds: int, said: str) -> InstanceFailed:
    """The login's shell has not come to our command; `said` is what it printed meanwhile."""
    more = tr("; it said: {words}", words=words) if (words := in_short(said)) else ""
    error = tr("its login shell runs no command within {seconds} s", seconds=seconds) + more
    return InstanceFailed(error, operation="connect", hint=tr(LOGIN_HINT))


def in_short(said: str) -> str:
    """What a login printed, in a line; without our own request, which some repeat."""
    return re.sub(r"[A-Za-z0-9+/=]{100,}", "…", " ".join(CONTROL.sub(" ", said).split()))[:300]


def of_no_shell(status: int, said: str) -> InstanceFailed:
    """The login gave no shell that runs commands; `said` is what it printed instead."""
    words = in_short(said)
    if lack := lack_of(words):
        return InstanceFailed(f"{lack.sentence} ({words})", operation="connect", hint=lack.hint)
    more = tr(" and said: {words}", words=words) if words else tr(" and said nothing")
    answer = tr("it ended with {status}", status=status) + more
    seen = ((re.search(pattern, words), meaning, hint) for pattern, meaning, hint in KNOWN)
    match, meaning, hint = next((match[0], meaning, hint) for match, meaning, hint in seen if match)
    error = tr(meaning, words=words.replace(EATEN, "").strip(), answer=answer, match=match)
    return InstanceFailed(error, operation="connect", hint=tr(hint))
