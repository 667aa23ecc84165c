"""The laptop's network, lent to the commands of one run: a port on the box's loopback that ends with the connection."""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import gevent
from paramiko import SSHException, Transport

from gpustrap.engine.connector import ReplayConnector
from gpustrap.engine.facts import lent as fact
from gpustrap.engine.greenlets import end
from gpustrap.errors import InstanceFailed
from gpustrap.inventory import masking
from gpustrap.language import tr
from gpustrap.laptop.allowed import Allowed
from gpustrap.laptop.asked import USER
from gpustrap.laptop.forwarder import Forwarder

LOOPBACK = "127.0.0.1"
END_SECONDS = 1
ASK_SECONDS = 20


@contextmanager
def lent(connector: ReplayConnector, allow: Callable[[fact.Told], Allowed], direct: Iterable[str]) -> Iterator[None]:
    """Commands that run inside find a proxy in their environment. `direct` goes past it. Raises InstanceFailed."""
    transport, serving = connector.transport, list[gevent.Greenlet]()
    token = secrets.token_hex(16)
    masking.remember(token)
    forwarder = Forwarder(Allowed(), token)

    def handle(channel: Any, _origin: object, _server: object) -> None:
        serving[:] = [one for one in serving if not one.dead]
        serving.append(gevent.spawn(forwarder.serve, channel))

    port = _port(transport, handle)
    try:
        forwarder = Forwarder(allow(_told(connector, port)), token)
        connector.wire.environment = _exports(f"http://{USER}:{token}@{LOOPBACK}:{port}", direct)
        yield
    finally:
        connector.wire.environment = ""
        with suppress(OSError, EOFError, SSHException):
            transport.cancel_port_forward(LOOPBACK, port)
        end(serving, END_SECONDS)


def _port(transport: Transport, handle: Callable[[Any, Any, Any], None]) -> int:
    try:
        return transport.request_port_forward(LOOPBACK, 0, handle)
    except SSHException as error:
        raise InstanceFailed(
            tr("the laptop's network cannot be lent: the box's sshd forwards no port"),
            operation="proxy",
            hint=tr("`AllowTcpForwarding yes` in its sshd_config, or another network: {proxy: …}"),
        ) from error


def _told(connector: ReplayConnector, port: int) -> fact.Told:
    connector.execs += 1
    told = fact.read(connector.wire.run(fact.command(port), seconds=ASK_SECONDS).stdout)
    if told.open_to_others:
        raise InstanceFailed(
            tr("the laptop's network is not lent: the box's sshd opens forwarded ports to everybody"),
            operation="proxy",
            hint=tr("`GatewayPorts no` in its sshd_config"),
        )
    return told


def _exports(url: str, direct: Iterable[str]) -> str:
    values = {"http_proxy": url, "https_proxy": url, "all_proxy": url, "no_proxy": ",".join(direct)}
    return "".join(f"export {name}={shlex.quote(v)} {name.upper()}={shlex.quote(v)}\n" for name, v in values.items())
