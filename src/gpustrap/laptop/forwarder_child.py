"""A process of its own that serves the connections it is handed, and listens nowhere. It imports little of ours.

Its stdin is a socket: first the length of a JSON object, 4 bytes, and the object, then a byte with each connection's
descriptor; it says READY once. Where that socket ends, so does this process: its parent is gone, however that ended.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import threading

from gpustrap.laptop.allowed import Allowed
from gpustrap.laptop.forwarder import Forwarder

LENGTH = 4
READY = b"r"
STACK = 1 << 19  # of a thread; the C library's look-up of a name is what needs most


def main() -> None:
    """Serve until the parent is gone."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C without a traceback
    threading.stack_size(STACK)
    with socket.socket(fileno=0) as parent:
        parent.setblocking(True)
        forwarder = _told(parent)
        parent.sendall(READY)
        _serve_all(parent, forwarder)
    os._exit(0)  # whatever is under way


def _told(parent: socket.socket) -> Forwarder:
    size = int.from_bytes(parent.recv(LENGTH, socket.MSG_WAITALL), "big")
    told = json.loads(parent.recv(size, socket.MSG_WAITALL))
    return Forwarder(Allowed(tuple(told["needed"]), tuple(told["written"])), told["token"])


def _serve_all(parent: socket.socket, forwarder: Forwarder) -> None:
    while True:
        said, handed, _, _ = socket.recv_fds(parent, 1, 1)
        if not said:
            return
        for each in handed:
            threading.Thread(target=forwarder.serve, args=(socket.socket(fileno=each),), daemon=True).start()
