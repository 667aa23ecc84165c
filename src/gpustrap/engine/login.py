"""pyinfra's way of logging in, with more patience, over the connection that was begun early where there is one."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any

from pyinfra.connectors.ssh import SSHConnector
from pyinfra.connectors.sshuserclient.client import get_ssh_config

from gpustrap.laptop import links

# The gateways of some providers answer late when they are busy: paramiko then says "Error reading SSH protocol
# banner" after its own 15 s (seen with gpushare).
BANNER_SECONDS = 60


class Login(SSHConnector):
    """Logs in as pyinfra does."""

    def make_paramiko_kwargs(self) -> dict[str, Any]:
        arguments = {"banner_timeout": BANNER_SECONDS, **super().make_paramiko_kwargs()}
        begun = _begun(arguments)
        return {**arguments, "sock": begun} if begun else arguments

    def _retry_paramiko_agent_keys(self, hostname: str, kwargs: dict[str, Any], error: Any) -> bool:
        """The second try has a connection of its own."""
        return super()._retry_paramiko_agent_keys(
            hostname, {name: value for name, value in kwargs.items() if name != "sock"}, error
        )


def _begun(arguments: Mapping[str, Any]) -> socket.socket | None:
    """The connection to where ssh_config leads, as the client reads it; none for a way over others."""
    if not links.any_begun():
        return None
    config = get_ssh_config(arguments["_pyinfra_ssh_config_file"])
    found = config.lookup(arguments["hostname"]) if config else {}
    if "proxycommand" in found or "proxyjump" in found:
        return None
    port = arguments.get("port") or int(found.get("port", 22))
    return links.take(found.get("hostname", arguments["hostname"]), port)
