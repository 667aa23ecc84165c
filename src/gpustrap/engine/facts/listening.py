"""The sockets on the instance that others may reach, with the processes that hold them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address

from pyinfra.api import FactBase

from gpustrap.engine.facts.fields import clean, number
from gpustrap.engine.scripts import clean as clean_script
from gpustrap.resolve.box.listeners import Listener, Listening

MOST = 300  # lines: more than a box has
WORDS = 4  # bytes: the kernel prints an address by words, each in the order of the machine


class ListeningFact(FactBase[Listening]):
    """What listens there. Of UDP, ports that the kernel gives to clients are left out: each question to a name server
    has one for a moment."""

    def command(self, loopback: bool = False) -> str:
        """`loopback`: also what only the box itself reaches."""
        return clean_script("listening", most=MOST, loopback="yes" if loopback else "")

    @staticmethod
    def default() -> Listening:
        return Listening()

    def process(self, output: Sequence[str]) -> Listening:
        rows = [line.split("\t") for line in output]
        given = next(_ranges(rows), range(0))
        found = [one for row in rows if row[0] == "socket" if (one := _listener(row[1:]))]
        kept = [one for one in found if one.protocol == "tcp" or one.port not in given]
        sockets = sum(row[0] == "socket" for row in rows)
        return Listening(tuple(dict.fromkeys(kept)), whole=["whole"] in rows and len(found) == sockets)


def _ranges(rows: Sequence[Sequence[str]]) -> Iterator[range]:
    for row in rows:
        if row[0] == "range" and len(row) == 3 and (low := number(row[1])) and (high := number(row[2])):
            yield range(low, min(high, 65535) + 1)


def _listener(row: Sequence[str]) -> Listener | None:
    """None for a line that is none."""
    if len(row) != 7:
        return None
    kind, place, pid, *told = row
    address, _, port = place.partition(":")
    user, program, service, command = ("" if text == "-" else clean(text).strip() for text in told)
    with suppress(ValueError):
        return Listener(kind[:3], _address(address), int(port, 16), number(pid), user, program, command, service)
    return None


def _address(text: str) -> str:
    """`0100007F` → 127.0.0.1, as a little-endian machine prints it (which all that are rented are)."""
    data = bytes.fromhex(text)
    packed = b"".join(data[at : at + WORDS][::-1] for at in range(0, len(data), WORDS))
    if len(packed) == 4:
        return str(IPv4Address(packed))
    address = IPv6Address(packed)
    return str(address.ipv4_mapped or address)
