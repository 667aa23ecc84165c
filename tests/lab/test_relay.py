from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress

import pytest

from gpustrap.lab.relay import Route, parse_route, relay


@pytest.fixture
def echo():
    """A server that greets, then sends back what it gets, until the client has ended its half."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve_echo, args=(server,), daemon=True).start()
        yield server.getsockname()


def serve_echo(server: socket.socket) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=answer, args=(connection,), daemon=True).start()


def answer(connection: socket.socket) -> None:
    with connection:
        connection.sendall(b"hello\n")
        while data := connection.recv(1 << 16):
            connection.sendall(data)


def test_a_greeting_takes_two_round_trips_and_an_answer_one(echo):
    with relay(100, echo) as (port,):
        begin = time.monotonic()
        with socket.create_connection(("127.0.0.1", port)) as client:
            assert client.recv(6) == b"hello\n"
            greeted = time.monotonic()
            client.sendall(b"x")
            assert client.recv(1) == b"x"
            answered = time.monotonic()
    # A busy machine makes them longer, and never three or two.
    assert 0.2 <= greeted - begin < 0.6
    assert 0.1 <= answered - greeted < 0.4


def test_the_round_trips_of_each_connection_are_kept(echo, tmp_path):
    with relay(50, echo, turns=tmp_path / "turns") as (port,):
        for questions in (0, 3):
            with socket.create_connection(("127.0.0.1", port)) as client:
                assert client.recv(6) == b"hello\n"
                for _ in range(questions):
                    client.sendall(b"x")
                    assert client.recv(1) == b"x"
        eventually = time.monotonic() + 10
        while (kept := (tmp_path / "turns").read_text() if (tmp_path / "turns").exists() else "").count("\n") < 2:
            assert time.monotonic() < eventually, kept
            time.sleep(0.01)
    assert sorted(kept.split()) == ["0", "3"]


def test_bytes_arrive_whole_and_in_order(echo):
    sent = os.urandom(8 << 20)
    with relay(20, echo) as (port,), socket.create_connection(("127.0.0.1", port)) as client:
        sender = threading.Thread(target=lambda: (client.sendall(sent), client.shutdown(socket.SHUT_WR)))
        sender.start()
        with client.makefile("rb") as stream:
            received = stream.read()
        sender.join()
    assert received == b"hello\n" + sent


def test_each_target_has_a_port_of_its_own(echo):
    with socket.create_server(("127.0.0.1", 0)) as other, relay(0, echo, other.getsockname()) as ports:
        threading.Thread(target=lambda: other.accept()[0].sendall(b"other\n")).start()
        greetings = [socket.create_connection(("127.0.0.1", port)).recv(6) for port in ports]
    assert greetings == [b"hello\n", b"other\n"]


def test_a_target_that_refuses_ends_the_connection():
    with socket.create_server(("127.0.0.1", 0)) as gone:
        address = gone.getsockname()
    with relay(0, address) as (port,), socket.create_connection(("127.0.0.1", port)) as client:
        assert client.recv(1) == b""


def test_the_relay_is_gone_after_its_block(echo):
    with relay(0, echo) as (port,):
        pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_the_relay_ends_when_its_caller_is_killed(echo):
    code = f"""
import time
from gpustrap.lab.relay import relay
with relay(0, {echo!r}) as (port,):
    print(port, flush=True)
    time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as caller:
        port = int(caller.stdout.readline())
        with socket.create_connection(("127.0.0.1", port)) as client:
            assert client.recv(6) == b"hello\n"
            caller.send_signal(signal.SIGKILL)
            client.settimeout(10)
            with suppress(ConnectionResetError):  # an end as well
                assert client.recv(1) == b""


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("0:127.0.0.1:22", Route(0, "127.0.0.1", 22)),
        ("2200:box.example:22", Route(2200, "box.example", 22)),
        ("2200:[fd00::1]:22", Route(2200, "fd00::1", 22)),
    ],
)
def test_a_route_is_port_host_port(text, route):
    assert parse_route(text) == route


@pytest.mark.parametrize("text", ["", "22", "22:22", "a:host:22", "22:host:", "22:fd00::1:22"])
def test_anything_else_is_no_route(text):
    with pytest.raises(ValueError) as refused:
        parse_route(text)
    assert str(refused.value) == f"'{text}' is not PORT:HOST:PORT"
