"""What a client asks of a proxy: a host and a port, in the head of its request. Pure."""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

USER = "gpustrap"
MOST_HEAD = 32_768
PLAIN = ("GET", "HEAD", "POST")  # without TLS; POST is git's and Git LFS's to a mirror
LENGTH = "content-length"
# What belongs to one connection and not to the request (RFC 9110, 7.6.1), and what was said to the proxy alone.
DROPPED = re.compile(r"(?i)(proxy-[a-z-]+|connection|keep-alive|te|trailer|transfer-encoding|upgrade):")


class Refused(Exception):
    """A request that is answered with `status` and its phrase, and goes nowhere."""

    def __init__(self, status: str):
        super().__init__(status)
        self.status = status


@dataclass(frozen=True)
class Asked:
    """`head` is what goes on to the host itself, `absolute` to a proxy; both empty for a tunnel.

    `body`: how many bytes of the request follow the head.
    """

    host: str
    port: int
    head: bytes = b""
    absolute: bytes = b""
    body: int = 0


def read_head(head: bytes, token: str) -> Asked:
    """The request in `head`, which ends with an empty line. Raises Refused, first of all for one without the token."""
    first, *lines = head.decode("latin-1").split("\r\n")
    if not any(_is_key(line, token) for line in lines):
        raise Refused("407 Proxy Authentication Required")
    match first.split(" "):
        case ["CONNECT", target, _]:
            return _target(f"//{target}", 0)
        case ["POST", *_] if not any(line.lower().startswith(f"{LENGTH}:") for line in lines):
            raise Refused("411 Length Required")
        case [method, url, _] if method in PLAIN and url.startswith("http://"):
            return _plain(method, url, [line for line in lines if line and not DROPPED.match(line)])
    raise Refused("501 Not Implemented")


def _is_key(line: str, token: str) -> bool:
    name, _, value = line.partition(":")
    wanted = base64.b64encode(f"{USER}:{token}".encode()).decode()
    said = value.strip().removeprefix("Basic ").removeprefix("basic ")
    return name.lower() == "proxy-authorization" and hmac.compare_digest(said.encode(), wanted.encode())


def _plain(method: str, url: str, lines: list[str]) -> Asked:
    asked, at = _target(url, 80), urlsplit(url)
    path = (at.path or "/") + (f"?{at.query}" if at.query else "")
    rest = "".join(f"{line}\r\n" for line in [*lines, "Connection: close"])
    own, far = (f"{method} {where} HTTP/1.1\r\n{rest}\r\n".encode("latin-1") for where in (path, url))
    return Asked(asked.host, asked.port, own, far, _length(lines))


def _length(lines: list[str]) -> int:
    """Of the body. One whose end the head does not tell goes nowhere: another request could hide behind it."""
    said = [value.strip() for name, _, value in (line.partition(":") for line in lines) if name.lower() == LENGTH]
    if len(said) > 1 or not all(re.fullmatch(r"[0-9]{1,15}", each) for each in said):
        raise Refused("400 Bad Request")
    return int(said[0]) if said else 0


def _target(url: str, usual: int) -> Asked:
    try:
        at = urlsplit(url)
        host, port = (at.hostname or "").rstrip("."), at.port or usual
    except ValueError:
        host, port = "", 0
    if not re.fullmatch(r"[a-z0-9._:-]{1,253}", host) or not port:
        raise Refused("400 Bad Request")
    return Asked(host, port)
