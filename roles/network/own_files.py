"""Clients' own files that name a proxy and count before ours, and before every variable. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from pydantic import SecretStr

from gpustrap.language import tr
from gpustrap.resolve.box.configuration import Configuration, SetKey


def keys_of(said: Configuration, ending: str, names: tuple[str, ...]) -> tuple[SetKey, ...]:
    """Where a client's files set one of these keys."""
    return tuple(each for each in said.keys if each.file.endswith(ending) and each.key in names)


# What the survey tells of each client's own files; `socks5` and the like stand in `proxy`'s place, `noproxy` and
# `use_proxy` only where they leave no proxy at all.
OWN: Mapping[str, tuple[str, ...]] = {
    "curl": ("proxy", "proxy1.0", "socks4", "socks4a", "socks5", "socks5-hostname", "preproxy", "noproxy"),
    "wget": ("http_proxy", "https_proxy", "use_proxy"),
    "uv": ("http-proxy", "https-proxy"),
}
PLAIN = ("proxy", "http_proxy", "https_proxy")


def own_keys(client: str, said: Configuration) -> list[SetKey]:
    """Where a client's own files name a proxy, or leave none, which counts before every variable."""
    elsewhere = (SetKey("-", key, file) for key, file in said.own_proxies if key in OWN[client])
    return list(dict.fromkeys((*keys_of(said, f"{client}rc", PLAIN), *elsewhere)))


def is_other(proxy: SecretStr, key: SetKey, said: Configuration) -> bool:
    """Whether it is not this proxy that such a file names."""
    return said.own_proxies.get((key.key, key.file)) not in digests_of(proxy)


def digests_of(proxy: SecretStr) -> frozenset[str]:
    """SHA-256 of each way in which a file may name this proxy: with a slash behind it, or without http:// before it."""
    url = proxy.get_secret_value().rstrip("/")
    ways = (url, url.removeprefix("http://"))
    return frozenset(hashlib.sha256(way.encode()).hexdigest() for bare in ways for way in (bare, f"{bare}/"))


def unheard(proxy: SecretStr, said: Configuration) -> tuple[str, ...]:
    """A sentence on each of the files; one that names the same proxy stands in nobody's way."""
    found = [("conda", key) for key in keys_of(said, "condarc", ("proxy_servers",)) if "/etc/conda/" not in key.file]
    found += [
        (client, key)
        for client in ("wget", "curl", "uv")
        for key in own_keys(client, said)
        if is_other(proxy, key, said)
    ]
    return tuple(
        tr("{client} hears {key.key} in {key.file} before ours: take it away there", client=client, key=key)
        for client, key in found
    )
