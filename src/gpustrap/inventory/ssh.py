"""A pasted ssh command as a value, and that value as a command again.

Read the way OpenSSH reads it (ssh.c): options before and after the host, the first of two wins.
"""

from __future__ import annotations

import getopt
import ipaddress
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gpustrap.errors import BadInput, Fault
from gpustrap.language import mark, tr

FLAGS = "1246AaCfGgKkMNnqsTtVvXxYyB:b:c:D:E:e:F:I:i:J:L:l:m:O:o:P:p:Q:R:S:W:w:"  # ssh(1), OpenSSH 9.9, and before
AS_OPTION = {
    "-4": ("AddressFamily", "inet"),
    "-6": ("AddressFamily", "inet6"),
    "-A": ("ForwardAgent", "yes"),
    "-a": ("ForwardAgent", "no"),
    "-C": ("Compression", "yes"),
}
AS_FIELD = {"-p": "port", "-l": "user", "-i": "identity_file", "-J": "jump"}
OPTION_AS_FIELD = {"port": "port", "user": "user", "identityfile": "identity_file", "proxyjump": "jump"}
# About one session, not about where to connect. Vast.ai's own command carries a -L.
SESSION_ONLY = frozenset(f"-{letter}" for letter in "12DfgLNnqRTtvXxYy")
# What OpenSSH 9.6 and later refuses in a host or user name (ssh.c, valid_hostname and valid_ruser).
FORBIDDEN = re.compile(r"^-|[\s'`\"$\\;&<>|(){}\x00-\x1f\x7f]")
OPTION = re.compile(r"\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(\S.*)", re.DOTALL)
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
PORT_RANGE = mark("1 to 65535")

# Gateways that give a terminal and nothing else: no file and no second command gets through (docs.runpod.io, SSH).
TERMINAL_ONLY = {"ssh.runpod.io": mark('use ssh root@IP -p PORT, as the pod\'s page says under "SSH over exposed TCP"')}

PASSWORD_HINT = mark("use an ssh key, or write the password's place beside it: password: {env: NAME}")


@dataclass(frozen=True)
class SshTarget:
    """Where and as whom to connect. None leaves it to ssh_config; `~` in a path is kept as written."""

    host: str
    port: int | None = None
    user: str | None = None
    identity_file: str | None = None
    jump: str | None = None
    options: tuple[tuple[str, str], ...] = ()  # ssh_config keywords and values, in the order written


def parse_ssh(text: str) -> SshTarget:
    """Read `ssh -p 28123 root@i-1.gpushare.com`, `user@host`, `ssh://user@host:port` or an ssh_config alias.

    Forwards and other flags of a single session (-L, -N, -t …) are left out. Raises BadInput, which never
    repeats a password, for anything that does not say where to connect, or says more than that.
    """
    words = _words(text)
    before, rest = _options(words)
    if not rest:
        raise _bad(tr("no host in the ssh command"), hint=tr("the form is ssh -p PORT USER@HOST"))
    ended_by_dashes = len(words) > len(rest) and words[-len(rest) - 1] == "--"
    after, command = ([], rest[1:]) if ended_by_dashes else _options(rest[1:])
    if command:
        raise _bad(tr("a remote command follows the host"), hint=tr("paste only the part that connects"))
    target = _apply(_destination(rest[0], before), after)
    _must_be_safe(target)
    return target


def ssh_argv(target: SshTarget) -> list[str]:
    """The ssh client's arguments, for exec without a shell; a remote command may be appended.

    `parse_ssh(shlex.join(ssh_argv(target)))` gives `target` again.
    """
    argv = ["ssh"]
    for flag, field in AS_FIELD.items():
        value = getattr(target, field)
        argv += [] if value is None else [flag, str(value)]
    for key, value in target.options:
        argv += ["-o", f"{key}={value}"]
    return [*argv, "--", target.host]


def joined(words: Sequence[str]) -> str:
    """Words as a person would write them in one line: `~` is left to stand, since ssh itself reads it."""
    return " ".join(word if re.fullmatch(r"[\w@%+=:,./~\[\]-]+", word) else shlex.quote(word) for word in words)


def _words(text: str) -> list[str]:
    if CONTROL.search(text):
        raise _bad(tr("the ssh command holds a control character"))
    try:
        words = shlex.split(text.replace("\\\n", " "))
    except ValueError as error:
        raise _bad(tr("the ssh command cannot be read: {error}", error=str(error).lower())) from None
    if any("sshpass" in word.split("/")[-1] for word in words[:2]):
        raise _bad(
            tr("sshpass puts the password into the command, where files and process lists show it"),
            hint=tr(PASSWORD_HINT),
        )
    return words[1:] if words and words[0].split("/")[-1] == "ssh" else words


def _options(words: list[str]) -> tuple[list[tuple[str, str]], list[str]]:
    try:
        return getopt.getopt(words, FLAGS)
    except getopt.GetoptError as error:
        raise _bad(tr("ssh command: {msg}", msg=error.msg), hint=tr("the form is ssh -p PORT USER@HOST")) from None


def _destination(word: str, options: list[tuple[str, str]]) -> SshTarget:
    """The host word read; what `options`, which stand before it, say goes first."""
    port = None
    if word.startswith("ssh://"):
        word, port = _split_uri(word.removeprefix("ssh://"))
    user, at, host = word.rpartition("@")
    if ":" in user:
        raise _bad(
            tr("a password stands before the host, where files and process lists show it"), hint=tr(PASSWORD_HINT)
        )
    target = _apply(SshTarget(host.removeprefix("[").removesuffix("]")), options)
    return _set(_set(target, "user", user if at else None), "port", port)


def _split_uri(rest: str) -> tuple[str, str | None]:
    """`user@host:port` or `user@[v6]:port`, with an optional last slash, as (`user@host`, port)."""
    rest = rest.removesuffix("/")
    before, colon, port = rest.rpartition(":")
    has_port = colon and not port.endswith("]") and "@" not in port
    return (before, port) if has_port else (rest, None)


def _apply(target: SshTarget, options: list[tuple[str, str]]) -> SshTarget:
    for flag, value in options:
        if flag in AS_FIELD:
            target = _set(target, AS_FIELD[flag], value)
        elif flag == "-o":
            target = _with_option(target, *_option(value))
        elif flag in AS_OPTION:
            target = _with_option(target, *AS_OPTION[flag])
        elif flag not in SESSION_ONLY:
            raise _bad(
                tr("ssh option {flag} is not understood here", flag=flag),
                hint=tr("give the host an entry in ~/.ssh/config and write that entry's name"),
            )
    return target


def _with_option(target: SshTarget, key: str, value: str) -> SshTarget:
    field = OPTION_AS_FIELD.get(key.lower())
    return _set(target, field, value) if field else replace(target, options=(*target.options, (key, value)))


def _option(text: str) -> tuple[str, str]:
    found = OPTION.fullmatch(text)
    if not found or "\n" in text:
        raise _bad(tr("ssh option -o needs the form Key=Value"))
    return found[1], found[2]


def _set(target: SshTarget, field: str, value: str | None) -> SshTarget:
    """`target` with `field` set, unless an earlier word has set it: ssh takes the first of two."""
    if value is None or getattr(target, field) is not None:
        return target
    return replace(target, **{field: _port(value) if field == "port" else value})  # type: ignore[arg-type]


def _port(text: str) -> int:
    # Not repeated in the message unless it is digits: who takes -p for "password" wrote one here.
    if not re.fullmatch(r"[0-9]+", text):
        raise _bad(tr("port must be a number from {port_range}", port_range=tr(PORT_RANGE)))
    if not 1 <= int(text[:6]) <= 65535:
        raise _bad(tr("port must be {port_range}, got {text}", port_range=tr(PORT_RANGE), text=text))
    return int(text)


def _must_be_safe(target: SshTarget) -> None:
    """Refuse what ssh would take for an option, a password, or a name that no host or user has."""
    _must_be_name(tr("host"), target.host)
    if direct := TERMINAL_ONLY.get(target.host.lower().rstrip(".")):
        raise _bad(
            tr("{host} gives only a terminal, in which nothing can be set up", host=target.host), hint=tr(direct)
        )
    if ":" in target.host:
        _must_be_ipv6(target.host)
    if target.user is not None:
        _must_be_name(tr("user"), target.user)
    if target.identity_file is not None and (target.identity_file or "-").startswith("-"):
        raise _bad(tr("the identity file is empty or starts with '-'"))
    if target.jump is not None:
        _must_be_jump(target.jump)


def _must_be_name(what: str, name: str) -> None:
    if not name:
        raise _bad(tr("the {what} name is empty", what=what))
    if FORBIDDEN.search(name):
        raise _bad(tr("'{name}' is no {what} name", name=name, what=what))


def _must_be_ipv6(host: str) -> None:
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        raise _bad(
            tr("the host name holds a ':' but is no IPv6 address"),
            hint=tr("a port is written so: ssh -p PORT USER@HOST"),
        ) from None


def _must_be_jump(jump: str) -> None:
    """Jump hosts as ssh takes them: `user@host:port`, several with commas between."""
    for hop in jump.split(","):
        if ":" in hop.removeprefix("ssh://").rpartition("@")[0]:
            raise _bad(
                tr("a password stands in the jump host, where files and process lists show it"),
                hint=tr("use an ssh key for the jump host"),
            )
        _must_be_name(tr("jump host"), hop)


def _bad(message: str, *, hint: str | None = None) -> BadInput:
    return BadInput(Fault(message, hint=hint))
