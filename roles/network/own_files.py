"""Clients' own files that name a proxy and count before ours, and before every variable. Pure."""

from __future__ import annotations

import hashlib

from pydantic import SecretStr

from gpustrap.language import tr
from gpustrap.resolve.box.configuration import Configuration, SetKey


def keys_of(said: Configuration, ending: str, names: tuple[str, ...]) -> tuple[SetKey, ...]:
    """Where a client's files set one of these keys."""
    return tuple(each for each in said.keys if each.file.endswith(ending) and each.key in names)


def own_keys(client: str, said: Configuration) -> list[SetKey]:
    """Where curl's or wget's own files name a proxy, which counts before every variable."""
    keys = ("proxy",) if client == "curl" else ("http_proxy", "https_proxy")
    elsewhere = (SetKey("-", key, file) for key, file in said.own_proxies if key in keys)  # as WGETRC, CURL_HOME say
    return list(dict.fromkeys((*keys_of(said, f"{client}rc", keys), *elsewhere)))


def digests_of(proxy: SecretStr) -> frozenset[str]:
    """SHA-256 of each way in which a file may name this proxy: with a slash behind it, or without http:// before it."""
    url = proxy.get_secret_value().rstrip("/")
    ways = (url, url.removeprefix("http://"))
    return frozenset(hashlib.sha256(way.encode()).hexdigest() for bare in ways for way in (bare, f"{bare}/"))


def unheard(proxy: SecretStr, said: Configuration) -> tuple[str, ...]:
    """A sentence on each of the files; one that names the same proxy stands in nobody's way."""
    same = digests_of(proxy)
    found = [("conda", key) for key in keys_of(said, "condarc", ("proxy_servers",)) if "/etc/conda/" not in key.file]
    found += [
        (client, key)
        for client in ("wget", "curl")
        for key in own_keys(client, said)
        if said.own_proxies.get((key.key, key.file)) not in same
    ]
    return tuple(
        tr("{client} hears {key.key} in {key.file} before ours: take it away there", client=client, key=key)
        for client, key in found
    )
