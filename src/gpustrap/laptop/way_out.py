"""The laptop's way to a host: by its own HTTP proxy where its variables name one, else directly."""

from __future__ import annotations

import base64
import socket
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from gpustrap.laptop.allowed import Allowed
from gpustrap.laptop.asked import MOST_HEAD, Asked, Refused

CONNECT_SECONDS = 20


def own_proxy(host: str, scheme: str) -> SplitResult | None:
    """The laptop's proxy for such a host. One of SOCKS is passed over."""
    said = getproxies_environment()
    found = urlsplit(said.get(scheme) or said.get("all") or "")
    usable = found.scheme == "http" and found.hostname and not proxy_bypass(host)
    return found if usable else None


def open_way(asked: Asked, allowed: Allowed) -> socket.socket:
    """A connection to the host, on which what the client asks has been sent. Raises Refused, OSError."""
    address = allowed.address(asked)
    proxy = own_proxy(asked.host, "http" if asked.head else "https")
    if proxy is not None:
        return _by_proxy(proxy, asked)
    if address is None:
        raise Refused("502 Bad Gateway")
    there = socket.create_connection(address, CONNECT_SECONDS)
    there.sendall(asked.head)
    return there


def _by_proxy(proxy: SplitResult, asked: Asked) -> socket.socket:
    there = socket.create_connection((proxy.hostname, proxy.port or 80), CONNECT_SECONDS)
    try:
        _ask(there, proxy, asked)
    except BaseException:
        there.close()
        raise
    return there


def _ask(there: socket.socket, proxy: SplitResult, asked: Asked) -> None:
    key = _key(proxy)
    if asked.absolute:
        first, _, rest = asked.absolute.partition(b"\r\n")
        there.sendall(b"\r\n".join([first, key + rest]))
        return
    name = f"[{asked.host}]" if ":" in asked.host else asked.host
    there.sendall(f"CONNECT {name}:{asked.port} HTTP/1.1\r\nHost: {name}:{asked.port}\r\n".encode() + key + b"\r\n")
    said = b""
    while b"\r\n\r\n" not in said and len(said) < MOST_HEAD and (byte := there.recv(1)):
        said += byte
    if said.split(b" ")[1:2] != [b"200"]:
        raise Refused("502 Bad Gateway")


def _key(proxy: SplitResult) -> bytes:
    if not proxy.username:
        return b""
    words = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}".encode()
    return b"Proxy-Authorization: Basic " + base64.b64encode(words) + b"\r\n"
