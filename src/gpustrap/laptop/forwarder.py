"""A small HTTP proxy for one connection at a time: some hosts only, and only for who knows the token.

It listens nowhere: it is given the connections that come over ssh. Pieces are passed on as they come, so that a large
download needs no more memory than a small one. What it imports is the memory of its process (forwarder_child.py).
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from gpustrap.laptop.allowed import Allowed
from gpustrap.laptop.asked import MOST_HEAD, Asked, Refused, read_head
from gpustrap.laptop.way_out import open_way

PIECE = 32_768  # as ssh carries them; 256 connections hold one each
HEAD_SECONDS = 30
IDLE_SECONDS = 600  # without a byte in either direction


@dataclass(frozen=True)
class Forwarder:
    """Serves connections: sockets, or what has their `sendall`, `recv`, `settimeout`, `shutdown` and `close`."""

    allowed: Allowed
    token: str

    def serve(self, client: Any) -> None:
        """One connection until its end. Never raises for what the client or the host does."""
        with suppress(OSError, EOFError):
            try:
                self._serve(client)
            except Refused as refused:
                client.sendall(_answer(refused.status))
        with suppress(OSError, EOFError):
            client.close()

    def _serve(self, client: Any) -> None:
        client.settimeout(HEAD_SECONDS)
        head, rest = _head(client)
        asked = read_head(head, self.token)
        self.allowed.check(asked)
        try:
            there = open_way(asked, self.allowed)
        except OSError as error:
            raise Refused("502 Bad Gateway") from error
        with there:
            _between(client, there, asked, rest)


def _head(client: Any) -> tuple[bytes, bytes]:
    said = b""
    while b"\r\n\r\n" not in said:
        if len(said) > MOST_HEAD or not (piece := client.recv(4096)):
            raise Refused("400 Bad Request")
        said += piece
    head, _, rest = said.partition(b"\r\n\r\n")
    return head, rest


def _between(client: Any, there: socket.socket, asked: Asked, rest: bytes) -> None:
    """Of a plain request only the answer: the next one may be for another host."""
    client.settimeout(IDLE_SECONDS)
    there.settimeout(IDLE_SECONDS)
    if not asked.head:
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        there.sendall(rest)
        threading.Thread(target=_pump, args=(client, there), daemon=True).start()
    else:
        _send_body(client, there, asked.body, rest)
    _pump(there, client)
    with suppress(OSError, EOFError):
        client.shutdown(socket.SHUT_RDWR)  # ends the other direction


def _send_body(client: Any, there: socket.socket, left: int, data: bytes) -> None:
    """So many bytes and no more, of which `data` has come already."""
    while left and (data := data or client.recv(min(PIECE, left))):
        there.sendall(data[:left])
        left, data = left - len(data[:left]), b""


def _pump(source: Any, target: Any) -> None:
    with suppress(OSError, EOFError):
        while data := source.recv(PIECE):
            target.sendall(data)
    with suppress(OSError, EOFError):
        target.shutdown(socket.SHUT_WR)


def _answer(status: str) -> bytes:
    more = 'Proxy-Authenticate: Basic realm="gpustrap"\r\n' if status.startswith("407") else ""
    return f"HTTP/1.1 {status}\r\n{more}Content-Length: 0\r\nConnection: close\r\n\r\n".encode()
