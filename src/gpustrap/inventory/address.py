"""Which box an ssh command leads to: two commands with the same address lead to the same one."""

from __future__ import annotations

import getpass
import ipaddress
from dataclasses import dataclass

from gpustrap.inventory import ssh_config
from gpustrap.inventory.ssh import SshTarget

SSH_PORT = 22


@dataclass(frozen=True)
class Address:
    """User, host and port after all defaults. `through` is the way there: behind another jump host is another box."""

    user: str
    host: str  # in lower case
    port: int
    through: str | None


def address_of(target: SshTarget) -> Address:
    """What `target` leaves open comes from the person's ssh_config, and then from ssh's own defaults."""
    own = {key.lower(): value for key, value in reversed(target.options)}
    said = {**ssh_config.settings_for(target.host), **own}
    host = said.get("hostname", target.host).replace("%h", target.host)
    port = target.port or said.get("port", "")
    through = target.jump or said.get("proxyjump") or said.get("proxycommand")
    return Address(
        target.user or said.get("user") or _local_user(),
        _one_spelling(host),
        int(port) if str(port).isdecimal() else SSH_PORT,
        None if through is None or through.lower() == "none" else through.lower(),
    )


def login_of(target: SshTarget) -> str:
    """`user@host:port`, whatever the command leaves open."""
    address = address_of(target)
    return f"{address.user}@{address.host}:{address.port}"


def _one_spelling(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host.lower().rstrip(".")


def _local_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # an account without a name
        return ""
