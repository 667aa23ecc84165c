"""Settings of the role `network`: the proxy that the instance uses."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from gpustrap.inventory.fields import PROXY_WAYS, ProxyOrSecret
from gpustrap.language import tr


def _is_domain(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._:-]+", name):
        raise ValueError(tr("expected a host, an address or a .domain, without * (clients differ on it)"))
    return name


class Settings(BaseModel):
    """The proxy and what must not go through it. Without a proxy, no client is told of one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    proxy: ProxyOrSecret | None = Field(
        None,
        description="http://HOST:PORT, also https, socks5 or socks5h; or a secret: such a URL with a password; "
        "provider: its accelerator; auto: that where there is one; laptop: lent while `up` runs; none",
        examples=[*PROXY_WAYS],
    )
    no_proxy: tuple[Annotated[str, AfterValidator(_is_domain)], ...] = Field(
        (), description="Hosts and .domains reached directly, besides the instance itself and the chosen mirrors"
    )
    lent_hosts: tuple[Annotated[str, AfterValidator(_is_domain)], ...] = Field(
        (), description="With proxy: laptop, hosts and .domains that are lent besides those of gpustrap's services"
    )
