from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gpustrap.laptop import links


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(10)
        yield listening


def port_of(server: socket.socket) -> int:
    port: int = server.getsockname()[1]
    return port


KNOWN = Path("known_hosts")


@pytest.fixture(autouse=True)
def none_of_another_test() -> None:
    links.take_all()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_connection_is_begun_at_once_and_taken_once(server, host) -> None:
    links.begin(host, port_of(server), KNOWN)
    accepted, _ = server.accept()  # before anybody takes it
    accepted.sendall(b"SSH-2.0-")
    (link,) = links.take_all()
    assert (link.host, link.port, link.known_hosts) == (host, port_of(server), KNOWN)
    taken = link.wait()
    assert taken is not None
    taken.sendall(b"both ways")
    assert (taken.recv(100), accepted.recv(100)) == (b"SSH-2.0-", b"both ways")
    taken.close()
    assert accepted.recv(100) == b""
    assert links.take_all() == []


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid", "x" * 70 + ".invalid"])
def test_one_that_fails_is_left_to_whoever_connects(server, host) -> None:
    port = port_of(server)
    server.close()
    assert links.Link(host, port, KNOWN).wait() is None


def test_one_that_is_not_answered_in_time_is_not_waited_for_again(monkeypatch) -> None:
    def times_out(*_: object) -> None:
        raise TimeoutError("timed out")

    monkeypatch.setattr(links.Link, "_try", times_out)
    with pytest.raises(TimeoutError, match="timed out"):
        links.Link("127.0.0.1", 1, KNOWN).wait()


COOPERATIVE = """
import sys
from gpustrap.laptop.links import Link
link = Link("127.0.0.1", int(sys.argv[1]), None)
import gpustrap.engine
import gevent
ticks = []
def other():
    ticks.append(1)
other = gevent.spawn(other)
taken = link.wait()
assert type(taken).__module__.startswith("gevent"), type(taken)
print(taken.recv(100).decode(), len(ticks))
"""


def test_one_that_was_begun_before_the_engine_is_cooperative(server) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", COOPERATIVE, str(port_of(server))], stdout=subprocess.PIPE, text=True
    ) as process:
        accepted, _ = server.accept()
        accepted.sendall(b"banner")
        out, _ = process.communicate(timeout=60)
    assert (out, process.returncode) == ("banner 1\n", 0)


def test_one_that_is_begun_already_is_not_begun_again_and_one_that_nobody_wants_is_left(server) -> None:
    port = port_of(server)
    for known in (KNOWN, KNOWN, Path("others")):
        links.begin("127.0.0.1", port, known)
    links.keep([("127.0.0.1", port, KNOWN), ("127.0.0.1", 1, KNOWN)])
    (link,) = links.take_all()
    assert link.known_hosts == KNOWN
    taken = link.wait()
    assert taken is not None
    taken.close()
