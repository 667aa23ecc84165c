"""Services asked from this computer, at the address from outside: on the instance they may answer, and here not."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

import gevent

from gpustrap.language import tr
from gpustrap.resolve.service import Service

SECONDS = 5  # for one service
PORTS = {"http": 80, "https": 443}
Key = tuple[str, str]


def unreached(services: Mapping[Key, Service]) -> dict[Key, str]:
    """Instance and service → why its URL gives no answer here. All are asked at the same time.

    One with a health path has to answer it below 400; of another the port has to take a connection. No proxy
    is asked. Those without a URL are passed over.
    """
    asked = {key: gevent.spawn(_trouble, one, one.url) for key, one in services.items() if one.url is not None}
    gevent.joinall(list(asked.values()), raise_error=True)
    return {key: each.value for key, each in asked.items() if each.value is not None}


def _trouble(service: Service, url: str) -> str | None:
    path = None if service.behind else service.health  # the gateway asks for its token first
    why = tr("gives no answer within {seconds} s", seconds=SECONDS)
    with gevent.Timeout(SECONDS, False):
        try:
            why = _answer(url, path)
        except socket.gaierror:
            return tr(
                "{service} is ready on the instance, and this computer finds no address of {name}: "
                "let that name lead to the address from which port {port} is reached",
                service=service.name,
                name=urlsplit(url).hostname,
                port=service.port,
            )
        except (OSError, ValueError) as error:
            why = tr("cannot be reached ({why})", why=getattr(error, "strerror", None) or error)
    if not why:
        return None
    return tr(
        "{service} is ready on the instance, and from this computer {url} {why}: "
        "is port {port} mapped to the outside, and let through by each firewall on the way?",
        service=service.name,
        url=f"{url}{path or ''}",
        why=why,
        port=service.port,
    )


def _answer(url: str, path: str | None) -> str:
    """What is wrong with the answer; nothing for a good one."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or PORTS[parts.scheme])) as plain:
        if path is None:
            return ""
        said = _first_line(plain, parts.scheme == "https", parts.netloc, path)
    words = said.decode("latin-1").split(" ")
    if not words[0].startswith("HTTP/") or len(words) < 2:
        return tr("answers no HTTP")
    return "" if words[1] < "400" else tr("answers {status}", status=words[1])


def _first_line(plain: socket.socket, secret: bool, name: str, path: str) -> bytes:
    if secret:
        import ssl

        plain = ssl.create_default_context().wrap_socket(plain, server_hostname=name.partition(":")[0])
    plain.sendall(f"GET {path} HTTP/1.0\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
    return plain.recv(100)
