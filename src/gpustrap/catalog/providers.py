"""Who rents instances, and what is known of each."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

from gpustrap.catalog.rows import Row, read_rows


class Detect(BaseModel):
    """What tells a provider on the box, any one of it. `hostname` is a regular expression for the whole."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    env: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    hostname: str | None = None
    commands: tuple[str, ...] = ()


class Address(BaseModel):
    """How a port is reached from outside: `$NAME` is a variable of the box, `{port}` the port, in a name too.

    `sure`: where the variables are set, the port gets out; else it depends on what was asked for when renting.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    sure: bool

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of its variables, as regular expressions."""
        return tuple(name.replace("{port}", "[0-9]+") for name in re.findall(r"\$((?:\w|\{port\})+)", self.url))


class Accelerator(BaseModel):
    """The provider's own way to foreign sites: a proxy, or a script that exports one. Covers `hosts` only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    proxy: str | None = None
    script: str | None = None
    hosts: tuple[str, ...] = ()


class Provider(Row):
    """One provider. `ssh_hosts` are shell patterns; `ports` are those that reach the public, `url` says how, `public`
    how the box itself tells.

    `survives` and `wiped` are paths and speak of a stop (of a reset for the lab).
    """

    name: str
    title: str
    kind: Literal["container", "vm", "any"]
    region: Literal["cn"] | None = None  # where foreign sites are slow or blocked; None: elsewhere or unknown
    ssh_example: str
    ssh_hosts: tuple[str, ...] = ()
    detect: Detect
    ports: tuple[int, ...] = ()
    url: str
    public: tuple[Address, ...] = ()
    survives: tuple[str, ...] = ()
    wiped: tuple[str, ...] = ()
    accelerator: Accelerator | None = None
    boot: Literal["supervisor", "onstart", "post_start"] | None = None  # what it runs at each start of an instance
    notes: tuple[str, ...] = ()

    def maps(self, port: int | None) -> bool:
        """Whether the port may get out: where none are named, any may."""
        return not self.ports or port in self.ports


PLAIN = "plain"  # any ssh host: the last row


@cache
def load_providers() -> tuple[Provider, ...]:
    """Every provider, in the order of detection, "plain" last. Raises CatalogError for bad rows."""
    return read_rows("providers.jsonl", Provider)


def provider_of(name: str | None) -> Provider:
    """The row of that name; "plain" for one that is not known."""
    known = load_providers()
    return next((one for one in known if one.name == name), known[-1])


def provider_of_host(host: str) -> Provider:
    """The provider whose ssh gateway `host` is; "plain" when none is known."""
    providers = load_providers()
    folded = host.casefold()
    matches = (row for row in providers if any(fnmatchcase(folded, each) for each in row.ssh_hosts))
    return next(matches, providers[-1])
