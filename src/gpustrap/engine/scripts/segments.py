"""Whether a place that is silent answers in small packets. Runs on the box, by its own Python (3.7 or newer).

`segments.py URL`, which may hold a password, on stdin. Prints "small" where the peer, told to send no segment larger
than 536 bytes, answers: then it is the large packets that vanish on the way. In a second.
"""

from __future__ import annotations

import socket
import ssl
import sys
from urllib.parse import urlsplit

SECONDS = 1.0
SMALLEST = 536  # bytes: what every way carries (RFC 9293, 3.7.1)


def answers(url: str) -> bool:
    """Raises OSError where nothing is heard."""
    parts = urlsplit(url)
    host, tls = parts.hostname or "", parts.scheme == "https"
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, parts.port or (443 if tls else 80), 0, socket.SOCK_STREAM
    )[0]
    with socket.socket(family, kind, protocol) as plain:
        plain.settimeout(SECONDS)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SMALLEST)
        plain.connect(address)
        if tls:
            return shakes_hands(plain, host)
        plain.sendall(f"GET {parts.path or '/'} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        return bool(plain.recv(1))


def shakes_hands(plain: socket.socket, host: str) -> bool:
    context = ssl.create_default_context()
    # Nothing is sent: only whether it comes is asked.
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with context.wrap_socket(plain, server_hostname=host):
        return True


if __name__ == "__main__":
    try:
        print("small" if answers(sys.stdin.readline().strip()) else "")
    except (OSError, ValueError):
        print("")
