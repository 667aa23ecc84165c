"""Settings of the role `network`: the proxy that the instance uses."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from gpustrap.inventory.secrets import Secret

SCHEMES = ("http", "https", "socks5", "socks5h")


def check_proxy(url: str) -> str:
    """A proxy's URL. Raises ValueError in words, without the URL's own text where it may hold a password."""
    parts = urlsplit(url)
    try:
        usable = parts.scheme in SCHEMES and parts.hostname is not None and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("expected a proxy such as http://HOST:PORT")
    return url


def _without_password(url: str) -> str:
    if urlsplit(url).password:
        raise ValueError("a password in hosts.yml ends up in backups and commits; write proxy: {env: NAME}")
    return check_proxy(url)


def _is_domain(name: str) -> str:
    if "*" in name or "/" in name or " " in name:
        raise ValueError("expected a host, an address or a .domain, without * (clients differ on it)")
    return name


class Settings(BaseModel):
    """The proxy and what must not go through it. Without a proxy, no client is told of one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    proxy: Annotated[str, AfterValidator(_without_password)] | Secret | None = Field(
        None, description="http://HOST:PORT, or a secret that holds such a URL with a password"
    )
    no_proxy: tuple[Annotated[str, AfterValidator(_is_domain)], ...] = Field(
        (), description="Hosts and .domains reached directly, besides the instance itself and the chosen mirrors"
    )
