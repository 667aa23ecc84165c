"""Which hosts a box reaches by the laptop, and that none of them is the laptop's own network."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass

from gpustrap.laptop.asked import Asked, Refused

PORTS = (80, 443)
# What a proxy on the laptop gives for every name in "fake IP" mode; nobody's machines (RFC 2544).
STAND_INS = ipaddress.ip_network("198.18.0.0/15")


@dataclass(frozen=True)
class Allowed:
    """`written` are hosts of hosts.yml, at any port and wherever they are; `needed` may be what a box has said.

    A name that begins with a dot is a domain.
    """

    needed: tuple[str, ...] = ()
    written: tuple[str, ...] = ()

    def check(self, asked: Asked) -> None:
        """Raises Refused."""
        needed = asked.port in PORTS and _among(asked.host, self.needed) and not _is_address(asked.host)
        if not needed and not _among(asked.host, self.written):
            raise Refused("403 Forbidden")

    def address(self, asked: Asked) -> tuple[str, int] | None:
        """Where its name leads; None for nowhere. Raises Refused for what only the laptop's own network has.

        A box may say that it needs a name which leads to the laptop, or to its router.
        """
        try:
            found = [each[4] for each in socket.getaddrinfo(asked.host, asked.port, type=socket.SOCK_STREAM)]
        except OSError:
            return None
        if not _among(asked.host, self.written) and not all(_is_public(str(each[0])) for each in found):
            raise Refused("403 Forbidden")
        return next(((str(each[0]), asked.port) for each in found), None)


def _among(host: str, names: Iterable[str]) -> bool:
    return any(host == name.lstrip(".") or (name.startswith(".") and host.endswith(name)) for name in names)


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdecimal()


def _is_public(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    return found.is_global or (found.version == STAND_INS.version and found in STAND_INS)
