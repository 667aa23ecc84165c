from __future__ import annotations

import hashlib

import pytest
from pydantic import SecretStr

from gpustrap.resolve.box.configuration import Configuration, SetKey
from roles.network.own_files import own_keys, unheard


@pytest.mark.parametrize(
    ("client", "key", "named", "same"),
    [
        ("curl", "proxy", "http://me:pw@p:1", True),
        ("curl", "proxy", "me:pw@p:1", True),
        ("wget", "https_proxy", "http://me:pw@p:1/", True),
        ("curl", "proxy", "http://p:1", False),
        ("wget", "http_proxy", "socks5://me:pw@p:1", False),
        ("curl", "proxy", None, False),
    ],
)
def test_a_file_that_names_the_same_proxy_is_no_conflict(client: str, key: str, named: str | None, same: bool) -> None:
    file = f"/root/.{client}rc"
    digests = {} if named is None else {(key, file): hashlib.sha256(named.encode()).hexdigest()}
    said = Configuration(keys=(SetKey("-", key, file),), own_proxies=digests)
    conflict = f"{client} hears {key} in {file} before ours: take it away there"
    assert unheard(SecretStr("http://me:pw@p:1/"), said) == (() if same else (conflict,))


@pytest.mark.parametrize("key", ["proxy", "http_proxy", "https_proxy"])
def test_a_key_whose_value_was_not_read_is_a_conflict(key: str) -> None:
    said = Configuration(keys=(SetKey("-", key, "/root/.wgetrc"), SetKey("-", "other", "/root/.wgetrc")))
    assert own_keys("wget", said) == [SetKey("-", key, "/root/.wgetrc")]
    assert unheard(SecretStr("http://p:1"), said) == (
        f"wget hears {key} in /root/.wgetrc before ours: take it away there",
    )


def test_of_the_proxys_address_only_slashes_at_its_end_go() -> None:
    named = {("proxy", "/root/.curlrc"): hashlib.sha256(b"http://pX").hexdigest()}
    assert unheard(SecretStr("http://pX/"), Configuration(own_proxies=named)) == ()


def test_a_file_that_a_variable_names_is_one_of_the_clients_own() -> None:
    said = Configuration(own_proxies={("proxy", "/opt/c"): "0", ("https_proxy", "/opt/w"): "0"})
    assert own_keys("curl", said) == [SetKey("-", "proxy", "/opt/c")]
    assert own_keys("wget", said) == [SetKey("-", "https_proxy", "/opt/w")]


@pytest.mark.parametrize(
    ("client", "key", "file"),
    [
        *(("curl", key, "/root/.curlrc") for key in ("proxy", "proxy1.0", "socks4", "socks4a", "socks5")),
        *(("curl", key, "/root/.curlrc") for key in ("socks5-hostname", "preproxy", "noproxy")),
        *(("wget", key, "/etc/wgetrc") for key in ("http_proxy", "https_proxy", "use_proxy")),
        *(("uv", key, "/etc/uv/uv.toml") for key in ("http-proxy", "https-proxy")),
    ],
)
def test_a_client_that_goes_another_way_is_named(client: str, key: str, file: str) -> None:
    other, same = (
        unheard(SecretStr("socks5://p:1"), Configuration(own_proxies={(key, file): hashlib.sha256(way).hexdigest()}))
        for way in (b"o:1", b"socks5://p:1")
    )
    assert (other, same) == ((f"{client} hears {key} in {file} before ours: take it away there",), ())
