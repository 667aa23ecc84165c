"""The forwarder over real sockets: tunnels, plain requests, the laptop's own proxy, and what it refuses."""

from __future__ import annotations

import base64
import socket
from collections.abc import Iterator
from types import SimpleNamespace

import gevent
import pytest

import gpustrap.engine  # noqa: F401 (makes sockets cooperative, as a run does)
from gpustrap.laptop.allowed import Allowed
from gpustrap.laptop.forwarder import Forwarder
from gpustrap.laptop.forwarding import Forwarding

HERE = "127.0.0.1"
KEY = "Proxy-Authorization: Basic " + base64.b64encode(b"gpustrap:t").decode() + "\r\n"


@pytest.fixture
def server() -> Iterator[tuple[int, list[bytes]]]:
    """Answers each connection's first piece, which it keeps, and closes: a host, or a proxy that opens a tunnel."""
    heard: list[bytes] = []
    with socket.create_server((HERE, 0)) as listening:
        answering = gevent.spawn(answer, listening, heard)
        yield listening.getsockname()[1], heard
        answering.kill()


def answer(listening: socket.socket, heard: list[bytes]) -> None:
    while True:
        connection, _ = listening.accept()
        with connection:
            heard.append(connection.recv(4096))
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000)


def ask(request: str, written: tuple[str, ...] = (HERE,)) -> bytes:
    """Of the process that serves; its threads are no greenlets, as all are here."""
    with Forwarding(Allowed((), written), "t") as one, one.connection() as ours:
        ours.settimeout(10)
        ours.sendall(request.encode())
        said = b""
        while piece := ours.recv(65536):
            said += piece
    return said


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_a_tunnel_passes_bytes_in_both_directions(server) -> None:
    port, heard = server
    said = ask(f"CONNECT {HERE}:{port} HTTP/1.1\r\n{KEY}\r\nhello")
    assert heard == [b"hello"]
    assert said.startswith(b"HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 200 OK") and said.endswith(
        b"x" * 100_000
    )


def test_a_plain_request_is_the_hosts_and_what_follows_it_is_dropped(server) -> None:
    port, heard = server
    said = ask(f"GET http://{HERE}:{port}/f HTTP/1.1\r\n{KEY}\r\nGET http://other/ HTTP/1.1\r\n\r\n")
    assert heard == [b"GET /f HTTP/1.1\r\nConnection: close\r\n\r\n"]
    assert said.endswith(b"x" * 100_000)


def test_of_a_body_so_many_bytes_go_on_as_its_head_says(server) -> None:
    port, heard = server
    post = f"POST http://{HERE}:{port}/f HTTP/1.1\r\n{KEY}Content-Length: 4\r\n\r\n"
    assert ask(f"{post}bodyGET http://other/ HTTP/1.1\r\n\r\n").endswith(b"x" * 100_000)
    assert b"".join(heard).startswith(b"POST /f HTTP/1.1\r\nContent-Length: 4\r\nConnection: close\r\n\r\n")


def test_the_laptops_own_proxy_is_used_and_gets_its_own_password(server, monkeypatch) -> None:
    port, heard = server
    monkeypatch.setenv("https_proxy", f"http://me:p%20w@{HERE}:{port}")
    ask(f"CONNECT far.example:443 HTTP/1.1\r\n{KEY}\r\n", ("far.example",))
    assert heard[0].startswith(b"CONNECT far.example:443 HTTP/1.1\r\nHost: far.example:443\r\n")
    assert base64.b64encode(b"me:p w") in heard[0] and KEY.encode() not in heard[0]


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (f"CONNECT {HERE}:1 HTTP/1.1\r\n\r\n", b"407"),
        (f"CONNECT other.example:443 HTTP/1.1\r\n{KEY}\r\n", b"403"),
        (f"CONNECT {HERE}:1 HTTP/1.1\r\n{KEY}\r\n", b"502"),
        (f"POST http://{HERE}:1/ HTTP/1.1\r\n{KEY}Transfer-Encoding: chunked\r\n\r\n", b"411"),
        (f"POST http://{HERE}:1/ HTTP/1.1\r\n{KEY}Content-Length: 4\r\nContent-Length: 0\r\n\r\n", b"400"),
        (f"BREW http://{HERE}:1/ HTTP/1.1\r\n{KEY}\r\n", b"501"),
    ],
)
def test_what_is_refused_is_answered(request_: str, status: bytes) -> None:
    assert ask(request_).startswith(b"HTTP/1.1 " + status)


def test_a_head_without_end_is_refused_before_it_fills_the_memory() -> None:
    said: list[bytes] = []
    client = SimpleNamespace(
        settimeout=lambda _: None, recv=lambda most: b"x" * most, sendall=said.append, close=lambda: None
    )
    Forwarder(Allowed(), "t").serve(client)
    assert said[0].startswith(b"HTTP/1.1 400")
