"""pyinfra's way of logging in, with more patience, over the connection that was begun early where there is one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from paramiko import Transport
from pyinfra.connectors.ssh import SSHConnector
from pyinfra.connectors.sshuserclient.client import get_ssh_config

from gpustrap.engine import handshake

BEGUN = ("sock", "transport_factory")  # what of paramiko's arguments belongs to a transport that was begun


class Login(SSHConnector):
    """Logs in as pyinfra does."""

    @property
    def transport(self) -> Transport:
        """The one ssh connection, once it is open."""
        assert self.client is not None
        transport = self.client.get_transport()
        assert transport is not None
        return transport

    def make_paramiko_kwargs(self) -> dict[str, Any]:
        arguments = {"banner_timeout": handshake.BANNER_SECONDS, **super().make_paramiko_kwargs()}
        begun = _begun(arguments)
        return {**arguments, "sock": begun.sock, "transport_factory": lambda *_, **__: begun} if begun else arguments

    def _retry_paramiko_agent_keys(self, hostname: str, kwargs: dict[str, Any], error: Any) -> bool:
        """The second try has a connection of its own."""
        return super()._retry_paramiko_agent_keys(
            hostname, {name: value for name, value in kwargs.items() if name not in BEGUN}, error
        )


def _begun(arguments: Mapping[str, Any]) -> Transport | None:
    """The transport to where ssh_config leads, as the client reads it; none for a way over others."""
    if not handshake.any_begun():
        return None
    config = get_ssh_config(arguments["_pyinfra_ssh_config_file"])
    found = config.lookup(arguments["hostname"]) if config else {}
    if "proxycommand" in found or "proxyjump" in found:
        return None
    port = arguments.get("port") or int(found.get("port", 22))
    return handshake.take(found.get("hostname", arguments["hostname"]), port)
