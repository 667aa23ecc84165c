"""An instance as an entry of ssh_config, so that ssh, scp, rsync and editors know it by its name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gpustrap.errors import BadInput, Fault
from gpustrap.inventory.address import SSH_PORT
from gpustrap.inventory.ssh import SshTarget
from gpustrap.inventory.ssh_config import settings_for
from gpustrap.language import tr

# Their values are file names, which may hold spaces.
_FILES = ("identityfile", "certificatefile", "userknownhostsfile", "globalknownhostsfile")


def ssh_entry(name: str, target: SshTarget, known_hosts: Path, folder: Path, *, strict: bool = False) -> str:
    """The lines for `Host NAME`: what the pasted command says, then what ~/.ssh/config says of the host in it.

    The host key is the one that gpustrap keeps in `known_hosts`; with `strict` no other is ever taken. A key
    file's relative path starts at `folder`. Raises BadInput for a value that no ssh_config can hold.
    """
    given = [*_explicit(name, target, folder), *_host_key(target, known_hosts, strict)]
    taken = {keyword.lower() for keyword, _ in given}
    inherited = dict(settings_for(target.host)) if name != target.host else {}
    if "proxyjump" in taken:
        inherited.pop("proxycommand", None)
    lines = [*given, *((keyword, value) for keyword, value in inherited.items() if keyword not in taken)]
    return "".join([f"Host {name}\n", *(f"    {keyword} {_value(keyword, value)}\n" for keyword, value in lines)])


def _explicit(name: str, target: SshTarget, folder: Path) -> Iterator[tuple[str, str]]:
    """First the command's own options: the first of two values wins, as in the command."""
    yield from target.options
    options = {keyword.lower() for keyword, _ in target.options}
    if name != target.host and "hostname" not in options:
        yield "HostName", _real_name(target.host)
    if target.port:
        yield "Port", str(target.port)
    if target.user:
        yield "User", target.user
    if target.identity_file:
        yield "IdentityFile", _from(folder, target.identity_file)
    if target.jump:
        yield "ProxyJump", target.jump


def _host_key(target: SshTarget, known_hosts: Path, strict: bool) -> Iterator[tuple[str, str]]:
    """The key is looked up as it was kept: by the host's real name and port, whatever ssh makes of NAME."""
    said = {**settings_for(target.host), **{keyword.lower(): value for keyword, value in reversed(target.options)}}
    host = said.get("hostname", target.host).replace("%h", target.host)
    port = str(target.port or said.get("port", SSH_PORT))
    yield "HostKeyAlias", host if port == str(SSH_PORT) else f"[{host}]:{port}"
    yield "UserKnownHostsFile", str(known_hosts).replace("%", "%%")  # ssh_config(5), TOKENS
    yield "StrictHostKeyChecking", "yes" if strict else "accept-new"


def _real_name(host: str) -> str:
    return settings_for(host).get("hostname", host).replace("%h", host)


def _from(folder: Path, file: str) -> str:
    return file if file.startswith(("~", "%", "$")) else str(folder / file)


def _value(keyword: str, value: str) -> str:
    if "\n" in value or "\r" in value or (keyword.lower() in _FILES and '"' in value):
        raise BadInput(
            Fault(
                tr("no ssh_config can hold this {keyword}", keyword=keyword),
                hint=tr("a name without quotes and line ends can"),
            )
        )
    return f'"{value}"' if keyword.lower() in _FILES and " " in value and not value.startswith('"') else value
