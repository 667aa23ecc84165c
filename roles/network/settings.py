"""Settings of the role `network`: the proxy that the instance uses."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag

from gpustrap.inventory.secrets import Secret
from roles.network.resolve import is_proxy


def _is_proxy(url: str) -> str:
    """A proxy's URL without a password. Its text is not repeated where it may hold one."""
    if not is_proxy(url):
        raise ValueError("expected a proxy such as http://HOST:PORT")
    if urlsplit(url).password:
        raise ValueError("a password in hosts.yml ends up in backups and commits; write proxy: {env: NAME}")
    return url


def _is_domain(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._:-]+", name):
        raise ValueError("expected a host, an address or a .domain, without * (clients differ on it)")
    return name


def _form(value: object) -> str:
    """Which member of the union a value is checked as, so that only that one says what is wrong."""
    return "secret" if isinstance(value, dict | Secret) else "text"


Proxy = Annotated[str, AfterValidator(_is_proxy)]
ProxyOrSecret = Annotated[Annotated[Proxy, Tag("text")] | Annotated[Secret, Tag("secret")], Discriminator(_form)]


class Settings(BaseModel):
    """The proxy and what must not go through it. Without a proxy, no client is told of one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    proxy: ProxyOrSecret | None = Field(
        None, description="http://HOST:PORT, or a secret that holds such a URL with a password"
    )
    no_proxy: tuple[Annotated[str, AfterValidator(_is_domain)], ...] = Field(
        (), description="Hosts and .domains reached directly, besides the instance itself and the chosen mirrors"
    )
