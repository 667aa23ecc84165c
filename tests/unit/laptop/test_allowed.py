"""A box reaches what gpustrap's services need, and nothing of the laptop's own network, whatever the box says."""

from __future__ import annotations

import socket

import pytest

from gpustrap.laptop.allowed import Allowed
from gpustrap.laptop.asked import Asked, Refused

ALLOWED = Allowed((".github.com", "index.example", "10.0.0.1", "::1"), ("own.lan",))
FORBIDDEN = """
    example.com github.com.evil.example evilgithub.com index.example.evil a.index.example
    localhost 127.0.0.1 127.1 2130706433 0.0.0.0 ::1 10.0.0.1 192.168.1.1 169.254.169.254 metadata
    router.lan a.own.lan own.lan.evil lan com
""".split()


@pytest.mark.parametrize("host", FORBIDDEN)
def test_twenty_forbidden_hosts_are_refused(host: str) -> None:
    assert len(FORBIDDEN) == 20
    with pytest.raises(Refused, match="403"):
        ALLOWED.check(Asked(host, 443))


@pytest.mark.parametrize(
    ("host", "port"), [("github.com", 443), ("a.github.com", 80), ("index.example", 443), ("own.lan", 8080)]
)
def test_what_is_needed_or_written_is_allowed(host: str, port: int) -> None:
    ALLOWED.check(Asked(host, port))


@pytest.mark.parametrize("port", [22, 25, 8080, 3389])
def test_other_ports_only_of_what_is_written(port: int) -> None:
    with pytest.raises(Refused, match="403"):
        ALLOWED.check(Asked("github.com", port))


def leads_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 443)) for each in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)


@pytest.mark.parametrize(
    "inner", ["127.0.0.1", "10.1.1.1", "192.168.1.1", "169.254.1.1", "::1", "fe80::1%eth0", "0.0.0.0"]
)
def test_a_needed_name_that_leads_into_the_laptops_network_is_refused(monkeypatch, inner: str) -> None:
    leads_to(monkeypatch, "93.184.215.14", inner)
    with pytest.raises(Refused, match="403"):
        ALLOWED.address(Asked("index.example", 443))


def test_the_address_that_was_looked_at_is_the_one_that_is_used(monkeypatch) -> None:
    leads_to(monkeypatch, "93.184.215.14")
    assert ALLOWED.address(Asked("index.example", 443)) == ("93.184.215.14", 443)
    leads_to(monkeypatch, "198.18.0.7")
    assert ALLOWED.address(Asked("index.example", 443)) == ("198.18.0.7", 443)
    leads_to(monkeypatch, "192.168.1.5")
    assert ALLOWED.address(Asked("own.lan", 80)) == ("192.168.1.5", 80)


def test_a_name_that_leads_nowhere_has_no_address(monkeypatch) -> None:
    def nowhere(*_: object, **__: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    assert ALLOWED.address(Asked("index.example", 443)) is None
