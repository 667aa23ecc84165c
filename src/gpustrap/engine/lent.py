"""The laptop's network, lent to the commands of one run: a port on the box's loopback that ends with the connection."""

from __future__ import annotations

import secrets
import shlex
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from typing import Any

import gevent
from paramiko import SSHException, Transport

from gpustrap.engine.connector import ReplayConnector
from gpustrap.engine.facts import lent as fact
from gpustrap.engine.forward import AT_ONCE, carry
from gpustrap.engine.greenlets import end
from gpustrap.errors import InstanceFailed, LaptopFailed
from gpustrap.inventory import masking
from gpustrap.language import tr
from gpustrap.laptop.allowed import Allowed
from gpustrap.laptop.asked import USER
from gpustrap.laptop.forwarding import Forwarding

LOOPBACK = "127.0.0.1"
END_SECONDS = 1
ASK_SECONDS = 20
TICK_SECONDS, STILL_SECONDS = 1, 8
# A clock that nobody sets and that goes on while a computer sleeps: macOS's does by this name, Linux's by the other.
AWAKE_OR_NOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


@contextmanager
def lent(
    connector: ReplayConnector,
    allow: Callable[[fact.Told], Allowed],
    direct: Iterable[str],
    says: Callable[[str], None],
) -> Iterator[None]:
    """Commands that run inside find a proxy in their environment. `direct` goes past it. Raises InstanceFailed.

    That this computer has stood still is said: clients on the box give up meanwhile, each after a time of its own.
    """
    transport, serving = connector.transport, list[gevent.Greenlet]()
    token = secrets.token_hex(16)
    masking.remember(token)
    forwarding: Forwarding | None = None

    def handle(channel: Any, _origin: object, _server: object) -> None:
        serving[:] = [one for one in serving if not one.dead]
        if forwarding is None or len(serving) >= AT_ONCE:
            channel.close()
        else:
            serving.append(gevent.spawn(_serve, forwarding, channel))

    port = _port(transport, handle)
    watching = gevent.spawn(_watch, says)
    try:
        with _started(allow(_told(connector, port)), token) as forwarding:
            connector.wire.environment = _exports(port, token, direct)
            try:
                yield
            finally:
                forwarding = None  # who comes while all of this ends is turned away: he would start its process anew
    finally:
        watching.kill(block=False)
        connector.wire.environment = ""
        with suppress(OSError, EOFError, SSHException):
            transport.cancel_port_forward(LOOPBACK, port)
        end(serving, END_SECONDS)


def _watch(says: Callable[[str], None]) -> None:
    """Say it when this computer has slept, or this process was stopped."""
    last = time.clock_gettime(AWAKE_OR_NOT)
    while True:
        gevent.sleep(TICK_SECONDS)
        before, last = last, time.clock_gettime(AWAKE_OR_NOT)
        still = last - before
        if still > STILL_SECONDS:
            says(
                tr(
                    "this computer stood still for {seconds:.0f} s, and the network it lends: what downloads by it may "
                    "have given up; the same command goes on",
                    seconds=still,
                )
            )


def _serve(forwarding: Forwarding, channel: Any) -> None:
    """Between the box and the child, until the child ends it."""
    with closing(channel), suppress(OSError, EOFError, SSHException), forwarding.connection() as local:
        asks = gevent.spawn(carry, channel.recv, local.sendall, partial(local.shutdown, socket.SHUT_WR))
        carry(local.recv, channel.sendall, channel.shutdown_write)
        asks.kill(block=False)


def _port(transport: Transport, handle: Callable[[Any, Any, Any], None]) -> int:
    try:
        return transport.request_port_forward(LOOPBACK, 0, handle)
    except SSHException as error:
        raise InstanceFailed(
            tr("the laptop's network cannot be lent: the box's sshd forwards no port"),
            operation="proxy",
            hint=tr("`AllowTcpForwarding yes` in its sshd_config, or another network: {proxy: …}"),
        ) from error


def _started(allowed: Allowed, token: str) -> Forwarding:
    try:
        return Forwarding(allowed, token)
    except OSError as error:
        why = error.strerror or str(error)
        raise LaptopFailed(
            tr("the laptop's network cannot be lent: the process that serves it does not start here: {why}", why=why),
            operation="proxy",
            hint=tr(
                "memory and processes of this computer may be at their end: the same command tries again; "
                "`network: {proxy: http://HOST:PORT}` in hosts.yml is another way"
            ),
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


def _exports(port: int, token: str, direct: Iterable[str]) -> str:
    """The port says to a detached step that its proxy is lent (job-await.sh)."""
    url = f"http://{USER}:{token}@{LOOPBACK}:{port}"
    proxies = {"http_proxy": url, "https_proxy": url, "all_proxy": url, "no_proxy": ",".join(direct)}
    lines = (f"{name}={shlex.quote(v)} {name.upper()}={shlex.quote(v)}" for name, v in proxies.items())
    return "".join(f"export {line}\n" for line in (f"GPUSTRAP_LENT={port}", *lines))
