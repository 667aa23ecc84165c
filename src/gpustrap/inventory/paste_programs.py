"""Commands of scp, rsync and others that log in by ssh, and addresses of editors, as the ssh command in them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

# Program → its options that have a value, as its manual lists them; of those some say where to connect.
PROGRAMS = {
    "scp": "cDFiJloPSX",
    "sftp": "BbcDFiJloPRSsX",
    "ssh-copy-id": "Fiopt",
    "autossh": "MBbcDEeFIiJLlmOopQRSWw",
    "mosh": "p",
    "rsync": "efM",
    "plink": "PlLRDim",
    "putty": "PlLRDim",
}
NO_LOGINS = ("ssh-keygen", "ssh-add", "ssh-agent", "ssh-keyscan")
_PUTTY = ("putty", "plink")  # `putty HOST PORT`
_PORT = {"ssh-copy-id": "-p", "autossh": "-p"}  # else -P: there -p means something else
PASSWORD = "-pw"  # PuTTY's
_COPIED = ("-i", "-J", "-o", "-l")
_START = r"(?:^|.*?[\s$#%>:：])(?:\S*[/\\])?"
_PROGRAM = re.compile(rf"{_START}({'|'.join(PROGRAMS)})(?:\.exe)?\s+(?=\S)(.*)", re.I)
_NO_LOGIN = re.compile(rf"{_START}({'|'.join(NO_LOGINS)})\b", re.I)
_URI = re.compile(r"(?:sftp|scp|tcp)://([^\s/'\"]+)", re.I)
_EDITOR = re.compile(r"ssh-remote(?:\+|%2B)([^\s/'\"]+)", re.I)
_TO = re.compile(r"(?:[\w.-]+@)?(?:[\w-]+\.[\w.-]+|\[[0-9a-f:]+\]|[\w-]+)", re.I)


def as_ssh(line: str) -> tuple[str, str]:
    """The line with an ssh command in its place, and the program that it was for; "" where it is none of those."""
    if found := _EDITOR.search(line):
        return f"ssh {_bare(found[1])}", "VS Code"
    if found := _URI.search(line):
        return f"ssh ssh://{found[1]}", ""
    found = _PROGRAM.match(line)
    if found is None or re.search(r"(?<![\w-])ssh(?:\.exe)?\s", line[: found.start(1)]):
        return line, ""
    program = found[1].lower()
    words = _translated(program, _split(found[2]))
    password = [words.pop(at) for at in [words.index(PASSWORD), words.index(PASSWORD)]] if PASSWORD in words else []
    first = f"sshpass -p {shlex.quote(password[1])} " if password else ""
    return (f"{first}ssh {' '.join(map(shlex.quote, words))}", program) if words else (line, "")


def no_login(line: str) -> str:
    """The program where the line is a command that logs in nowhere, such as ssh-keygen."""
    found = _NO_LOGIN.match(line)
    return found[1].lower() if found else ""


def _bare(address: str) -> str:
    return f"ssh://{address}" if re.search(r":\d+$", address) else address


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _translated(program: str, words: Sequence[str]) -> list[str]:
    """The options that say where to connect, and the host; nothing where there is none."""
    rest, said, hosts = list(words), list[str](), list[str]()
    while rest:
        word = rest.pop(0)
        if shell := re.fullmatch(r"--(?:rsh|ssh)=(.+)", word):
            said += _split(shell[1])[1:]
        elif word.startswith("-") and len(word) > 1:
            said += _option(program, word, rest)
        else:
            said += ["-p", word] if program in _PUTTY and word.isdecimal() else []
            hosts += [host] if (host := _host(program, word)) else []
    return [*said, hosts[0]] if hosts else []


def _option(program: str, word: str, rest: list[str]) -> list[str]:
    """What an option says of where to connect; its value is taken from `rest`. `-rP 38076` is two in one."""
    has_value = not word.startswith("--") and next(
        (n for n, one in enumerate(word) if n and one in PROGRAMS[program]), 0
    )
    if word == PASSWORD:
        return [PASSWORD, rest.pop(0)] if rest else []
    if not has_value:
        return []
    flag, value = f"-{word[has_value]}", word[has_value + 1 :] or (rest.pop(0) if rest else "")
    if program == "rsync" and flag == "-e":
        return _split(value)[1:]
    if flag == _PORT.get(program, "-P") and value:
        return ["-p", value]
    value = value.removesuffix(".pub") if program == "ssh-copy-id" else value
    return [flag, value] if flag in _COPIED and program not in ("rsync", "mosh") and value else []


def _host(program: str, word: str) -> str:
    """USER@HOST of `USER@HOST:PATH`, where a program copies files; else of a word that can be one."""
    where, colon, _path = word.partition(":") if not word.startswith("[") else word.partition("]:")
    if program in ("scp", "rsync"):
        return where if colon and _TO.fullmatch(where) and len(where) > 1 else ""
    return where if _TO.fullmatch(where) and ("@" in where or "." in where) else ""
