"""Asks URLs where a box has no curl, all at the same time. Runs on the box, by its own Python (3.7 or newer).

`probe.py SECONDS FOLDER NAMING` with `ID TAB URL TAB AGENT` a line on stdin. Of each, FOLDER gets ID.told with the
same fields as curl's `--write-out` in probe.sh, ID.code with the exit code that curl would give, ID.body with the
first of the answer's body, ID.error with what went wrong and ID.names with the addresses of its host. A name is
looked up once, within NAMING seconds, before the SECONDS of what is at it begin.
"""

from __future__ import annotations

import base64
import http.client
import os
import socket
import ssl
import sys
import threading
import time
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

MOST_BYTES = 131072
FOUND: dict[tuple[str, int], list[Any]] = {}
LOOKING: dict[tuple[str, int], threading.Lock] = {}
WRONG_NAME = 62  # of OpenSSL's reasons; curl checks the name by itself and tells 0


class Asked:
    """What is known of one URL so far."""

    def __init__(self, seconds: float) -> None:
        self.began = time.monotonic()
        self.ends = self.began + seconds
        self.at = {"dns": 0.0, "connect": 0.0, "tls": 0.0, "first": 0.0}
        self.address, self.status, self.proxy_status, self.size, self.verify = "", 0, 0, 0, 0
        self.url = ""

    def left(self) -> float:
        return max(0.05, self.ends - time.monotonic())

    def passed(self, name: str) -> None:
        self.at[name] = time.monotonic() - self.began

    def line(self) -> str:
        total = time.monotonic() - self.began
        times = [*self.at.values(), total]
        rest = [self.status, self.proxy_status, self.size, int(self.size / max(total, 0.001)), self.verify, self.url]
        return "\t".join([self.address, *(f"{each:.6f}" for each in times), *map(str, rest)])


def look(host: str, port: int) -> list[Any]:
    """The addresses of a host: many questions at once are too much for some resolvers."""
    with LOOKING.setdefault((host, port), threading.Lock()):
        if (host, port) not in FOUND:
            FOUND[host, port] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return FOUND[host, port]


def connect(asked: Asked, host: str, port: int) -> socket.socket:
    found = look(host, port)
    asked.passed("dns")
    wrong = None
    for at, (family, kind, protocol, _, address) in enumerate(found):
        plain = socket.socket(family, kind, protocol)
        plain.settimeout(asked.left() / (len(found) - at))
        try:
            plain.connect(address)
        except OSError as error:
            wrong = error
            plain.close()
            continue
        asked.address = str(address[0])
        asked.passed("connect")
        return plain
    raise wrong or OSError("no address")


def place_of(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def proxy_of(url: str) -> Any:
    """The proxy that the environment names for the URL."""
    parts = urlsplit(url)
    proxy = None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)
    return urlsplit(proxy) if proxy else None


def opened(asked: Asked, url: str) -> http.client.HTTPConnection:
    """A connection to the URL's host, through its proxy."""
    parts, via, (host, port) = urlsplit(url), proxy_of(url), place_of(url)
    plain = connect(asked, (via.hostname if via else host) or "", (via.port or 80) if via else port)
    made = http.client.HTTPConnection(host, port, timeout=asked.left())
    if parts.scheme == "https":
        if via:
            tunnel(asked, plain, host, port, via.username, via.password)
        plain.settimeout(asked.left())
        plain = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        asked.passed("tls")
    made.sock = plain
    return made


def tunnel(asked: Asked, plain: socket.socket, host: str, port: int, user: str | None, password: str | None) -> None:
    secret = base64.b64encode(f"{unquote(user or '')}:{unquote(password or '')}".encode()).decode()
    auth = f"Proxy-Authorization: Basic {secret}\r\n" if user else ""
    plain.settimeout(asked.left())
    plain.sendall(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n{auth}\r\n".encode())
    said = b""
    while b"\r\n\r\n" not in said and len(said) < 65536:
        piece = plain.recv(1)
        if not piece:
            raise ConnectionResetError("the proxy ended the connection")
        said += piece
    asked.proxy_status = int(said.split(b" ")[1])
    if asked.proxy_status >= 300:
        raise ConnectionAbortedError(f"the proxy answers {asked.proxy_status}")


def ask(asked: Asked, url: str, agent: str, file: str) -> None:
    for _ in range(6):
        asked.url = url
        made, parts = opened(asked, url), urlsplit(url)
        proxied = parts.scheme == "http" and proxy_of(url)
        path = url if proxied else (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        made.request("GET", path, headers={"User-Agent": agent, "Range": "bytes=0-65535", "Accept": "*/*"})
        answer = made.getresponse()
        asked.passed("first")
        asked.status = answer.status
        if answer.status not in (301, 302, 303, 307, 308):
            return take(asked, made, answer, file)
        url = urljoin(url, answer.getheader("Location") or "")
    raise RecursionError("more than 5 redirects")


def take(asked: Asked, made: http.client.HTTPConnection, answer: http.client.HTTPResponse, file: str) -> None:
    with open(file, "wb", buffering=0) as kept:  # noqa: PTH123 (this runs on the box)
        while asked.size < MOST_BYTES:
            if made.sock is not None:
                made.sock.settimeout(asked.left())
            piece = answer.read1(65536)
            if not piece:
                break
            asked.size += len(piece)
            kept.write(piece)
            if time.monotonic() > asked.ends:
                raise TimeoutError("the body took too long")
    if answer.length and asked.size < MOST_BYTES:
        raise http.client.IncompleteRead(b"", answer.length)


def code_of(asked: Asked, error: BaseException) -> int:
    """curl's exit code for what went wrong."""
    if isinstance(error, ssl.SSLCertVerificationError):
        asked.verify = 0 if error.verify_code == WRONG_NAME else error.verify_code
        return 60
    for kind, code in (
        (socket.gaierror, 6),
        (socket.timeout, 28),
        (ssl.SSLError, 35),
        (ConnectionRefusedError, 7),
        (http.client.IncompleteRead, 18),
        (RecursionError, 47),
        (ConnectionAbortedError, 56),
    ):
        if isinstance(error, kind):
            return code
    if asked.at["connect"] == 0.0:
        return 7
    return 35 if asked.url.startswith("https") and asked.at["tls"] == 0.0 else 56


def probe(line: str, seconds: float, folder: str) -> None:
    name, url, agent = line.rstrip("\n").split("\t")
    start = os.path.join(folder, name)  # noqa: PTH118 (this runs on the box)
    asked, code, error = Asked(seconds), 0, ""
    try:
        found = [] if proxy_of(url) else look(*place_of(url))[:6]
        keep(start, "names", " ".join(dict.fromkeys(str(each[4][0]) for each in found)))
        asked = Asked(seconds)
        ask(asked, url, agent, f"{start}.body")
    except Exception as wrong:
        code, error = code_of(asked, wrong), f"{type(wrong).__name__}: {wrong}\n"
    keep(start, "error", error)
    keep(start, "told", asked.line() + "\n")
    keep(start, "code", str(code))


def keep(start: str, kind: str, text: str) -> None:
    with open(f"{start}.{kind}", "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(text)


def main() -> None:
    seconds, folder, naming = float(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    asking = [threading.Thread(target=probe, args=(line, seconds, folder), daemon=True) for line in sys.stdin]
    ends = time.monotonic() + naming + seconds + 0.5
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(max(0.0, ends - time.monotonic()))
    os._exit(0)  # a look-up of a name may hang on


if __name__ == "__main__":
    main()
