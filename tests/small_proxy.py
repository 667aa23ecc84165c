"""A real HTTP proxy in threads: CONNECT and plain requests. It dies at will."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

PIECE = 1 << 16


@dataclass
class SmallProxy:
    """`asked`: the places that were asked for; `names`: name → the address that it alone knows.

    After `most` bytes of an answer it is dead: every connection is closed at once.
    """

    url: str = ""
    names: dict[str, str] = field(default_factory=dict)
    most: int | None = None
    dead: bool = False
    asked: list[str] = field(default_factory=list)
    open: set[socket.socket] = field(default_factory=set)

    def serve(self, client: socket.socket) -> None:
        with client, suppress(OSError, ValueError):
            self.open.add(client)
            if self.dead:
                return
            head, rest = read_head(client)
            method, target, version = head.partition(b"\r\n")[0].split(b" ")
            place = urlsplit(target.decode() if method != b"CONNECT" else f"//{target.decode()}")
            self.asked.append(f"{place.hostname}:{place.port or 80}")
            address = self.names.get(place.hostname or "", place.hostname)
            with socket.create_connection((address, place.port or 80), 10) as there:
                if method == b"CONNECT":
                    client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                else:
                    there.sendall(alone(head, method, place, version))
                there.sendall(rest)
                threading.Thread(target=passes, args=(client, there), daemon=True).start()
                first = (
                    b"" if method == b"CONNECT" else there.recv(PIECE).replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
                )
                self.answers(first, there, client)
        self.open.discard(client)

    def answers(self, data: bytes, there: socket.socket, client: socket.socket) -> None:
        had = 0
        while data or (data := there.recv(PIECE)):
            had += len(data)
            self.dead = self.dead or (self.most is not None and had > self.most)
            if self.dead:
                return
            client.sendall(data)
            data = b""


def read_head(client: socket.socket) -> tuple[bytes, bytes]:
    said = b""
    while b"\r\n\r\n" not in said and (piece := client.recv(4096)):
        said += piece
    head, _, rest = said.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n", rest


def alone(head: bytes, method: bytes, place: object, version: bytes) -> bytes:
    """As the host itself is asked, one request a connection."""
    path = place.path or "/"  # type: ignore[attr-defined]
    query = f"?{place.query}" if place.query else ""  # type: ignore[attr-defined]
    kept = [
        line
        for line in head.split(b"\r\n")[1:-2]
        if not line.lower().startswith((b"proxy-", b"connection:", b"keep-alive:"))
    ]
    return b"\r\n".join(
        [b"%b %b %b" % (method, f"{path}{query}".encode(), version), *kept, b"Connection: close", b"", b""]
    )


def passes(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(PIECE):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def proxying(address: str = "127.0.0.1") -> Iterator[SmallProxy]:
    """A proxy on an address, gone at the end with all its connections."""
    with socket.create_server((address, 0), backlog=128) as server:
        proxy = SmallProxy("http://{}:{}".format(*server.getsockname()))
        threading.Thread(target=accepts, args=(server, proxy), daemon=True).start()
        yield proxy
        for each in tuple(proxy.open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


def accepts(server: socket.socket, proxy: SmallProxy) -> None:
    with suppress(OSError):
        while True:
            client = server.accept()[0]
            threading.Thread(target=proxy.serve, args=(client,), daemon=True).start()
