"""A service for tests, on 127.0.0.1: counts what is uploaded, sends as much as is asked for, echoes a WebSocket's frame.

POST: the number of bytes that came · GET /so-far: those that have come until now · GET /bytes/N: N bytes · else `hello`.
"""

from __future__ import annotations

import base64
import hashlib
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PIECE = 1 << 20


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    so_far = 0

    def do_GET(self) -> None:
        if self.headers.get("Upgrade") == "websocket":
            self.echo()
        elif self.path.startswith("/bytes/"):
            self.send(int(self.path.removeprefix("/bytes/")))
        else:
            self.say(str(Echo.so_far) if self.path == "/so-far" else "hello")

    def do_POST(self) -> None:
        came, room = 0, memoryview(bytearray(PIECE))
        wanted = int(self.headers["Content-Length"])
        while came < wanted and (size := self.rfile.readinto1(room[: wanted - came])):  # type: ignore[attr-defined]
            came += size
            Echo.so_far += size
        self.say(str(came))

    def say(self, text: str) -> None:
        self.head(len(text))
        self.wfile.write(text.encode())

    def send(self, size: int) -> None:
        self.head(size)
        for _ in range(size // PIECE):
            self.wfile.write(bytes(PIECE))

    def head(self, size: int) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(size))
        self.end_headers()

    def echo(self) -> None:
        """RFC 6455: the handshake, and one short text frame, which comes masked and goes as it is."""
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
        self.end_headers()
        kind, size = self.rfile.read(2)
        mask, masked = self.rfile.read(4), self.rfile.read(size & 127)
        self.wfile.write(bytes([kind, len(masked)]) + bytes(one ^ mask[at % 4] for at, one in enumerate(masked)))
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """200 clients at once need no log."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, *_: Any) -> None:
        """Whoever hangs up is no fault of ours."""


if __name__ == "__main__":
    Server(("127.0.0.1", int(sys.argv[1])), Echo).serve_forever()
