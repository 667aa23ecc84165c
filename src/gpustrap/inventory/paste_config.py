"""A `Host` block of ssh_config, as pages and editors show it, as the ssh command that does the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gpustrap.inventory.ssh import joined

_HOST = re.compile(r"Host(?:\s+|\s*=\s*)(?![:：])(\S.*)", re.I)
_PAIR = re.compile(r"([A-Za-z][A-Za-z0-9]+)(?:\s*=\s*|\s+)(\S.*)")
_AS_OPTION = {"port": "-p", "identityfile": "-i", "proxyjump": "-J"}
_READ = (*_AS_OPTION, "hostname", "user", "proxycommand")


def blocks_as_ssh(lines: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """A command for each block that leads to one host, and the keywords that are not in them.

    Nothing where what was pasted is no block: a `Host` line with at least one known keyword below it.
    """
    blocks = [block for block in _blocks(lines) if any(key.lower() in _READ for key, _ in block[1:])]
    commands = [command for block in blocks if (command := _command(block))]
    left = dict.fromkeys(key for block in blocks for key, _ in block[1:] if key.lower() not in _READ)
    return commands, tuple(left) if commands else ()


def _blocks(lines: Sequence[str]) -> Iterator[list[tuple[str, str]]]:
    """Each as pairs of a keyword and its value; the first is `host`."""
    block: list[tuple[str, str]] = []
    for line in lines:
        if found := _HOST.fullmatch(line):
            if block:
                yield block
            block = [("host", found[1])]
        elif block and (pair := _PAIR.fullmatch(line)):
            block.append((pair[1], pair[2].strip().strip('"')))
    if block:
        yield block


def _command(block: Sequence[tuple[str, str]]) -> str:
    said = {key.lower(): value for key, value in reversed(block)}  # of two the first counts
    name = said["host"].split()[0]
    host = said.get("hostname", name).replace("%h", name)
    if re.search(r"[*?!]", host):
        return ""
    words = [word for key, flag in _AS_OPTION.items() if key in said for word in (flag, said[key])]
    if "proxycommand" in said:
        words += ["-o", f"ProxyCommand={said['proxycommand']}"]
    user = f"{said['user']}@" if "user" in said else ""
    return joined(["ssh", *words, f"{user}{host}"])
