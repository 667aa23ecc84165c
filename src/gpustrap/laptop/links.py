"""TCP connections that are begun before they are needed: the network answers while the engine is imported.

By a plain thread and plain sockets, since the engine makes those of Python cooperative meanwhile.
"""

from __future__ import annotations

import _socket
import _thread
import os
import select
import socket
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

CONNECT_SECONDS = 10
Way = tuple[str, int, Path]  # host, port, known_hosts


class Link:
    """One connection, begun at once. `known_hosts` is where the host's key is kept."""

    def __init__(self, host: str, port: int, known_hosts: Path):
        self.host, self.port, self.known_hosts = self.way = (host, port, known_hosts)
        self._socket: _socket.socket | None = None
        self._failed: OSError | UnicodeError | None = None
        self._ended, self._ends = os.pipe()
        _thread.start_new_thread(self._connect, (host, port))

    def _connect(self, host: str, port: int) -> None:
        try:
            for family, _, _, _, address in _socket.getaddrinfo(host, port, 0, _socket.SOCK_STREAM):
                self._try(family, address)
        except (OSError, UnicodeError) as error:
            self._failed = error
        finally:
            # Once the engine is there, gevent closes a pipe when its loop next turns, and that may wait for this one.
            os.write(self._ends, b".")
            os.close(self._ends)

    def _try(self, family: int, address: Any) -> None:
        if self._socket is None:
            one = _socket.socket(family, _socket.SOCK_STREAM)
            one.settimeout(CONNECT_SECONDS)
            with suppress(ConnectionRefusedError):
                one.connect(address)
                one.settimeout(None)
                self._socket = one

    def wait(self) -> socket.socket | None:
        """The socket once it is connected; None where whoever connects anew will hear why it is not.

        Raises TimeoutError, which need not be waited for twice.
        """
        select.select([self._ended], [], [])
        os.close(self._ended)
        if self._socket is not None:
            return socket.socket(fileno=self._socket.detach())
        if isinstance(self._failed, TimeoutError):
            raise self._failed
        return None


_begun: list[Link] = []


def begin(host: str, port: int, known_hosts: Path) -> None:
    """Begin a connection, where it is not begun already. It is closed with the process where nobody takes it."""
    if not any(one.way == (host, port, known_hosts) for one in _begun):
        _begun.append(Link(host, port, known_hosts))


def keep(wanted: Collection[Way]) -> None:
    """Leave those that go elsewhere: nobody takes them."""
    _begun[:] = [one for one in _begun if one.way in wanted]


def take_all() -> list[Link]:
    """The connections that were begun, once."""
    taken = _begun[:]
    _begun.clear()
    return taken
