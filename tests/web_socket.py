"""A WebSocket's client, as RFC 6455 has it and no more than tests need: texts to and fro, pings answered."""

from __future__ import annotations

import base64
import os
import socket
import struct
from collections.abc import Mapping
from types import TracebackType
from urllib.parse import urlsplit, urlunsplit

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Refused(Exception):
    """The handshake was answered otherwise: its status."""


class WebSocket:
    """Open to `url`, http or ws. Raises Refused. What is waited for comes within `seconds`."""

    def __init__(self, url: str, headers: Mapping[str, str], seconds: float = 60):
        there = urlsplit(url)
        self._socket = socket.create_connection((there.hostname, there.port), timeout=seconds)
        self._came = self._socket.makefile("rb")
        asked = {
            "Host": there.netloc,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            "Sec-WebSocket-Version": "13",
            **headers,
        }
        path = urlunsplit(there._replace(scheme="", netloc=""))
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in asked.items())]
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())
        status = self._came.readline().split()[1].decode()
        if status != "101":
            self.close()
            raise Refused(status)
        while self._came.readline().strip():
            pass

    def __enter__(self) -> WebSocket:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._came.close()
        self._socket.close()

    def send(self, text: str) -> None:
        self._frame(TEXT, text.encode())

    def receive(self) -> str:
        """The next text, from all its frames. Raises EOFError when there will be none."""
        whole = b""
        while True:
            last, kind, data = self._next()
            if kind == CLOSE:
                raise EOFError(data[2:].decode())
            if kind == PING:
                self._frame(PONG, data)
            elif kind != PONG:
                whole += data
                if last:
                    return whole.decode()

    def _frame(self, kind: int, data: bytes) -> None:
        size, mask = len(data), os.urandom(4)
        head = (
            struct.pack("!BB", 0x80 | kind, 0x80 | size) if size < 126 else struct.pack("!BBQ", 0x80 | kind, 0xFF, size)
        )
        self._socket.sendall(head + mask + bytes(one ^ mask[at % 4] for at, one in enumerate(data)))

    def _next(self) -> tuple[bool, int, bytes]:
        first, size = self._read(2)
        if size == 126:
            (size,) = struct.unpack("!H", self._read(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self._read(8))
        return bool(first & 0x80), first & 0x0F, self._read(size)

    def _read(self, size: int) -> bytes:
        data = self._came.read(size)
        if len(data) < size:
            raise EOFError("it was cut off")
        return data
