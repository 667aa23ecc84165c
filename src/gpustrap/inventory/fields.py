"""Types of values that the settings of several roles take, each with its one check and its one message."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Discriminator, Tag

from gpustrap.inventory.secrets import Secret
from gpustrap.language import mark, tr

IN_THE_CLEAR = mark("a password in hosts.yml ends up in backups and commits")
PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")
PROXY_WAYS = ("none", "auto", "provider", "laptop")
# What a URL may hold, less what would end a value in a client's file: white space, quotes, backslash.
URL_CHARACTERS = re.compile(r"[!#-&(-\[\]^_a-z{|}~]+")


def http_url(url: str, *, example: str = "https://HOST/PATH", instead: str | None = None) -> str:
    """`url`, if it is one of http or https that can stand in every client's file and holds no password.

    Raises ValueError, which does not repeat the URL; `instead` says where a password goes.
    """
    parts = _split(url)
    if parts is None or parts.scheme not in ("http", "https"):
        raise ValueError(tr("expected a URL such as {example}", example=example))
    _refuse_password(parts, instead)
    return url


def proxy_url(url: str) -> str:
    """`url`, if it is a proxy's and holds no password. Raises ValueError, which does not repeat it."""
    if not is_proxy(url):
        raise ValueError(tr("expected a proxy such as http://HOST:PORT"))
    _refuse_password(urlsplit(url), tr("write proxy: {env: NAME}"))
    return url


def proxy_way(text: str) -> str:
    """A proxy's URL, or a word for where the proxy comes from. Raises ValueError as `proxy_url` does."""
    if re.fullmatch(r"[A-Za-z]+", text) and text not in PROXY_WAYS:
        raise ValueError(tr("expected a proxy such as http://HOST:PORT, or {ways}", ways=", ".join(PROXY_WAYS)))
    return text if text in PROXY_WAYS else proxy_url(text)


def is_proxy(url: str) -> bool:
    """Whether `url` is a proxy's, in a form that can stand in every client's file. It may hold a password."""
    parts = _split(url)
    plain = parts is not None and parts.path in ("", "/") and not (parts.query or parts.fragment)
    return plain and parts is not None and parts.scheme in PROXY_SCHEMES


def _split(url: str) -> SplitResult | None:
    """The parts of a URL with a host; None for text that is none, or that would break out of a client's file."""
    try:
        parts = urlsplit(url)
        usable = URL_CHARACTERS.fullmatch(url) and parts.hostname and parts.port != 0
    except ValueError:  # brackets that do not pair, a port out of range
        return None
    return parts if usable else None


def _refuse_password(parts: SplitResult, instead: str | None) -> None:
    if parts.password:
        raise ValueError(f"{tr(IN_THE_CLEAR)}; {instead}" if instead else tr(IN_THE_CLEAR))


def _form(value: object) -> str:
    """Which member of the union a value is checked as, so that only that one says what is wrong."""
    return "secret" if isinstance(value, dict | Secret) else "text"


HttpUrl = Annotated[str, AfterValidator(lambda url: http_url(url))]
ProxyWay = Annotated[str, AfterValidator(proxy_way)]
TextOrSecret = Annotated[Annotated[str, Tag("text")] | Annotated[Secret, Tag("secret")], Discriminator(_form)]
ProxyOrSecret = Annotated[Annotated[ProxyWay, Tag("text")] | Annotated[Secret, Tag("secret")], Discriminator(_form)]
