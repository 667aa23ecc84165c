"""What a client's request asks for, and what is answered to one that is none."""

from __future__ import annotations

import base64

import pytest

from gpustrap.laptop.asked import Asked, Refused, read_head

TOKEN = "t0ken"
KEY = "Proxy-Authorization: Basic " + base64.b64encode(b"gpustrap:t0ken").decode()


def asked(first: str, *lines: str, key: str = KEY) -> Asked:
    return read_head("\r\n".join([first, *lines, key]).encode(), TOKEN)


def test_a_tunnel_has_a_host_and_a_port() -> None:
    assert asked("CONNECT a.example:443 HTTP/1.1") == Asked("a.example", 443)
    assert asked("CONNECT [::1]:443 HTTP/1.1") == Asked("::1", 443)


def test_a_plain_request_goes_on_without_what_was_said_to_the_proxy() -> None:
    found = asked("GET http://A.example:81/x?y=1 HTTP/1.1", "Host: a.example", "Connection: keep-alive")
    assert (found.host, found.port) == ("a.example", 81)
    assert found.head == b"GET /x?y=1 HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n"
    assert found.absolute.startswith(b"GET http://A.example:81/x?y=1 HTTP/1.1\r\n")
    assert b"Proxy" not in found.absolute


@pytest.mark.parametrize("key", ["", "Proxy-Authorization: Basic", KEY[:-3], KEY.replace("Proxy-", "")])
def test_without_the_token_nothing_else_is_looked_at(key: str) -> None:
    with pytest.raises(Refused, match="407"):
        asked("CONNECT a.example:443 HTTP/1.1", key=key)


@pytest.mark.parametrize(
    ("first", "status"),
    [
        ("POST http://a.example/ HTTP/1.1", "411"),
        ("PUT http://a.example/ HTTP/1.1", "501"),
        ("GET ftp://a.example/ HTTP/1.1", "501"),
        ("GET /x HTTP/1.1", "501"),
        ("junk", "501"),
        ("", "501"),
        ("CONNECT a.example HTTP/1.1", "400"),
        ("CONNECT a.example:99999 HTTP/1.1", "400"),
        ("CONNECT :443 HTTP/1.1", "400"),
        ("GET http://[::1/ HTTP/1.1", "400"),
    ],
)
def test_what_is_no_request_of_a_proxy_is_refused(first: str, status: str) -> None:
    with pytest.raises(Refused, match=status):
        asked(first)
