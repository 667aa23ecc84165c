"""A port of the instance at one of this computer: each connection is a channel of the one ssh connection.

Only this computer reaches it (127.0.0.1). Nothing is kept in between: who reads slowly makes the other side wait, by
the window of the channel (2 MiB) and the buffers of the socket.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import gevent
from gevent.server import StreamServer
from paramiko import Channel, ChannelException, SSHException, Transport

from gpustrap.errors import InstanceFailed
from gpustrap.language import tr

HERE = "127.0.0.1"
THERE = ("127.0.0.1", "::1")  # a service may take one of them alone
AT_ONCE = 256  # connections; the next ones wait in the queue of the socket
CHANNEL_SECONDS = 20
PIECE = 65536
NOT_ALLOWED, NOBODY = 1, 2  # RFC 4254, 5.1: administratively prohibited, connect failed


@contextmanager
def forwarded(transport: Transport, port: int, says: Callable[[str], None]) -> Iterator[int]:
    """Inside, `port` of the instance is reached at the port of this computer that is given: the same if it is free.

    Raises InstanceFailed where the instance's sshd allows no forwarding. A service that is not there yet may come
    later; that it is not is said.
    """
    told = _Told(port, says)
    told.of(_tried(transport, port))
    server = _listening(port, partial(_serve, transport, port, told))
    try:
        yield int(server.server_port)
    finally:
        server.stop(timeout=0)


class _Told:
    """That nobody listens there is said once, until somebody does."""

    def __init__(self, port: int, says: Callable[[str], None]):
        self._text, self._says = tr("nothing listens on port {port} of the instance now", port=port), says
        self._absent = False

    def of(self, answered: bool) -> None:
        if not answered and not self._absent:
            self._says(self._text)
        self._absent = not answered


def _tried(transport: Transport, port: int) -> bool:
    """Whether somebody listens there. Raises InstanceFailed."""
    try:
        _channel(transport, port).close()
    except ChannelException as refused:
        if refused.code == NOT_ALLOWED:
            raise _forbidden() from refused
        return False
    return True


def _forbidden() -> InstanceFailed:
    return InstanceFailed(
        tr("sshd on the instance forwards no port"),
        operation="tunnel",
        hint=tr("AllowTcpForwarding and PermitOpen in its sshd_config decide that; a gateway of the provider may too"),
    )


def _listening(port: int, serve: Callable[[socket.socket, Any], None]) -> StreamServer:
    """At the same port here; where that is taken, or another user's to give, at one that is free."""
    for each in (port, 0):
        server = StreamServer((HERE, each), serve, spawn=AT_ONCE)
        with suppress(OSError):
            server.start()
            return server
    raise InstanceFailed(tr("no port of this computer can be listened on"), operation="tunnel")


def _serve(transport: Transport, port: int, told: _Told, local: socket.socket, _address: object) -> None:
    try:
        channel = _channel(transport, port)
    except (SSHException, EOFError, OSError) as error:
        told.of(not isinstance(error, ChannelException))
        return
    told.of(True)
    joined(local, channel)


def _channel(transport: Transport, port: int) -> Channel:
    """A connection of the instance's sshd to the port. Raises ChannelException where nobody takes it."""
    for each in THERE:
        try:
            return transport.open_channel("direct-tcpip", (each, port), (HERE, 0), timeout=CHANNEL_SECONDS)
        except ChannelException as refused:
            if refused.code != NOBODY or each == THERE[-1]:
                raise
    raise AssertionError


def joined(local: socket.socket, channel: Channel) -> None:
    """Carry both directions until each has ended, or one of them breaks."""
    ways = [
        gevent.spawn(carry, local.recv, channel.sendall, channel.shutdown_write),
        gevent.spawn(carry, channel.recv, local.sendall, partial(local.shutdown, socket.SHUT_WR)),
    ]
    try:
        for way in gevent.iwait(ways):
            if not way.value:
                return
    finally:
        gevent.killall(ways, block=False)
        with suppress(OSError, EOFError, SSHException):
            channel.close()


def carry(receive: Callable[[int], bytes], send: Callable[[bytes], None], end: Callable[[], None]) -> bool:
    """Pass on until the end. Whether it came to it; where not, the other way is worth nothing either."""
    with suppress(OSError, EOFError, SSHException):
        while data := receive(PIECE):
            send(data)
        end()
        return True
    return False
