"""The address that reaches a port of the instance from outside. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from string import Template

from gpustrap.catalog.providers import Address, load_providers
from gpustrap.inventory.fields import http_url

SSH = 22


@dataclass(frozen=True, eq=False)
class PublicUrls(Mapping[int, str]):
    """Port on the instance → its URL from outside; one of which none is known is not there.

    What hosts.yml says (`written`, of port `main` or with `{port}` in it) comes before what the lab has published
    (`published`), and that before what the provider's variables on the box say.
    """

    published: Mapping[int, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    written: str | None = None
    main: int | None = None

    def __getitem__(self, port: int) -> str:
        if self.written and self.is_written(port):
            return self.written.replace("{port}", str(port))
        if port in self.published:
            return self.published[port]
        return _told(port, self.env)[0]

    def __iter__(self) -> Iterator[int]:
        main = {self.main} if self.written and self.main else set()
        return iter(sorted(port for port in {*self.published, *main, *_ports(self.env)} if port in self))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def is_written(self, port: int) -> bool:
        """Whether hosts.yml itself says where the port is reached."""
        return bool(self.written) and ("{port}" in str(self.written) or port == self.main)

    def is_sure(self, port: int) -> bool:
        """Whether whoever says it also says that this port gets out."""
        if self.is_written(port) or port in self.published:
            return True
        return port in self and _told(port, self.env)[1].sure


def _ports(env: Mapping[str, str]) -> Iterator[int]:
    """Those that have a variable of their own, but for ssh's."""
    patterns = [name for row in _rows() for name in row.variables if "[0-9]+" in name]
    for name in env:
        if any(re.fullmatch(pattern, name) for pattern in patterns) and (digits := re.findall(r"[0-9]{1,5}", name)):
            yield from (port for port in map(int, digits) if port != SSH)


def _rows() -> list[Address]:
    """The surest first."""
    return sorted((row for provider in load_providers() for row in provider.public), key=lambda row: not row.sure)


def _told(port: int, env: Mapping[str, str]) -> tuple[str, Address]:
    """What the variables say of a port. Raises KeyError for nothing."""
    for row in _rows():
        try:
            filled = Template(row.url.replace("{port}", str(port))).substitute(env)
            return http_url(filled), row
        except (KeyError, ValueError):  # a variable that is not set, or holds no part of a URL
            continue
    raise KeyError(port)
