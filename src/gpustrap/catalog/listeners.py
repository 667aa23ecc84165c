"""Programs that listen on boxes as they are rented: the system's own, and those that a provider starts."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal, Protocol

from gpustrap.catalog.rows import Row, read_rows

LAB = "lab"  # its flavours behave as any provider's box


class Listens(Protocol):
    """What is asked of a socket and its holder."""

    @property
    def protocol(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def program(self) -> str: ...
    @property
    def command(self) -> str: ...


class KnownListener(Row):
    """One program. `provider`: whose boxes have it, None for all; `ports`: where it may listen, none for anywhere.

    `program` is a regular expression for the path of what runs, `command` one for a word of its command line: both have
    to be as they are written, where they are.
    """

    name: str
    provider: str | None = None
    protocol: Literal["tcp", "udp"] = "tcp"
    ports: tuple[int, ...] = ()
    program: str = ".*"
    command: str = ".*"

    def is_it(self, one: Listens, provider: str) -> bool:
        return (
            (self.provider is None or provider in (self.provider, LAB))
            and one.protocol == self.protocol
            and (not self.ports or one.port in self.ports)
            and re.fullmatch(self.program, one.program.removesuffix(" (deleted)")) is not None
            and any(re.fullmatch(self.command, word) for word in (one.command.split() or [""]))
        )


@cache
def load_listeners() -> tuple[KnownListener, ...]:
    """Every row, in file order. Raises CatalogError naming file, line and key of each bad row."""
    return read_rows("listeners.jsonl", KnownListener)
