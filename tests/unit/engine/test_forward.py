"""A forwarded port: real sockets on both sides of what stands for the ssh connection."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from types import SimpleNamespace

import gevent
import pytest
from gevent import socket
from gevent.event import Event
from gevent.server import StreamServer
from paramiko import ChannelException, SSHException

from gpustrap.engine import forward
from gpustrap.engine.forward import NOBODY, NOT_ALLOWED, forwarded
from gpustrap.engine.greenlets import hush
from gpustrap.errors import InstanceFailed

BIG = 60_000_000  # more than the buffers of four sockets hold


class Box:
    """Stands for paramiko's transport: each channel is a socket to `port` of this machine; `code` refuses it."""

    def __init__(self):
        self.port, self.code, self.asked = 0, 0, []
        self.last, self.closed = None, 0

    def open_channel(self, kind, destination, origin, timeout):
        self.asked.append(destination)
        self.last = (kind, origin, timeout)
        if self.code:
            raise ChannelException(self.code, "Connect failed")
        channel = socket.create_connection(("127.0.0.1", self.port))
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        return SimpleNamespace(
            recv=channel.recv,
            sendall=channel.sendall,
            shutdown_write=partial(channel.shutdown, socket.SHUT_WR),
            close=partial(self.close, channel),
        )

    def close(self, channel):
        self.closed += 1
        channel.close()


@pytest.fixture
def box():
    hush()
    return Box()


@pytest.fixture
def behind():
    """`behind(handle)`: the port of a server on this machine whose connections are handled so."""
    servers = []

    def listen(handle):
        server = StreamServer(("127.0.0.1", 0), handle)
        server.start()
        servers.append(server)
        return server.server_port

    yield listen
    for server in servers:
        server.stop(timeout=0)


def whole(sock):
    return b"".join(iter(lambda: sock.recv(65536), b""))


def echo(sock, _address):
    while data := sock.recv(65536):
        sock.sendall(data)


def test_many_connections_at_once_each_gets_its_own_bytes_back(box, behind):
    box.port = behind(echo)

    def talk(number):
        with socket.create_connection(("127.0.0.1", here)) as sock:
            sock.sendall(bytes([number]) * 70_000)
            sock.shutdown(socket.SHUT_WR)
            return whole(sock)

    with forwarded(box, 8080, pytest.fail) as here:
        talks = [gevent.spawn(talk, number) for number in range(20)]
        gevent.joinall(talks, timeout=30)
        assert [one.value for one in talks] == [bytes([number]) * 70_000 for number in range(20)]
    assert set(box.asked) == {("127.0.0.1", 8080)}
    assert box.last == ("direct-tcpip", ("127.0.0.1", 0), 20)  # RFC 4254, 7.2
    assert box.closed == len(box.asked)


def test_one_who_reads_nothing_stops_who_writes_and_no_other(box, behind):
    held = Event()

    def pour(sock, _address):
        if sock.recv(1) == b"p":
            for _ in range(BIG // 100_000):
                sock.sendall(b"x" * 100_000)
            held.set()

    box.port = behind(pour)
    with forwarded(box, 8080, pytest.fail) as here, socket.create_connection(("127.0.0.1", here)) as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        slow.sendall(b"p")
        assert not held.wait(0.5), "all of it is somewhere in between"
        with socket.create_connection(("127.0.0.1", here)) as other:
            other.sendall(b"q")
            assert whole(other) == b""
        assert len(whole(slow)) == BIG


def test_the_port_is_the_same_where_it_is_free_and_another_where_not(box, behind):
    box.port = taken = behind(echo)
    with forwarded(box, taken, pytest.fail) as here:
        assert here != taken and here > 1023
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with forwarded(box, port, pytest.fail) as here:
        assert here == port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_nobody_there_is_said_once_until_somebody_is(box, behind):
    box.port, box.code, said = behind(echo), NOBODY, []

    def talk():
        with socket.create_connection(("127.0.0.1", here)) as sock, suppress(ConnectionResetError):
            sock.sendall(b"hi")
            return sock.recv(2)
        return b""

    with forwarded(box, 8080, said.append) as here:
        assert len(said) == 1
        assert (talk(), talk()) == (b"", b"")
        assert said == ["nothing listens on port 8080 of the instance now"]
        assert box.asked[-2:] == [("127.0.0.1", 8080), ("::1", 8080)]
        box.code = 0
        assert talk() == b"hi"
        box.code = NOBODY
        assert talk() == b"" and len(said) == 2


@pytest.mark.parametrize("error", [SSHException("gone"), EOFError(), OSError("gone"), ChannelException(NOBODY, "no")])
def test_a_connection_that_gets_no_channel_is_closed_without_a_word_of_ours(box, behind, monkeypatch, error):
    box.port, shown = behind(echo), []
    monkeypatch.setattr(gevent.get_hub(), "handle_error", lambda *told: shown.append(told))
    with forwarded(box, 8080, lambda _text: None) as here:
        box.open_channel = lambda *_, **__: (_ for _ in ()).throw(error)
        with socket.create_connection(("127.0.0.1", here)) as sock, suppress(ConnectionResetError):
            assert sock.recv(1) == b""
    assert shown == []


def test_so_many_connections_at_once_and_the_next_one_waits(box, behind, monkeypatch):
    monkeypatch.setattr(forward, "AT_ONCE", 1)
    box.port = behind(echo)
    with forwarded(box, 8080, pytest.fail) as here, socket.create_connection(("127.0.0.1", here)) as first:
        first.sendall(b"1")
        assert first.recv(1) == b"1"
        with socket.create_connection(("127.0.0.1", here)) as second:
            second.sendall(b"2")
            second.settimeout(0.3)
            with pytest.raises(TimeoutError):
                second.recv(1)
            first.close()
            second.settimeout(30)
            assert second.recv(1) == b"2"


def test_where_no_port_is_free_here_that_is_said(box, behind, monkeypatch):
    def taken(_server):
        raise OSError("in use")

    box.port = behind(echo)
    monkeypatch.setattr(StreamServer, "start", taken)
    with pytest.raises(InstanceFailed) as failed, forwarded(box, 8080, pytest.fail):
        pass
    assert str(failed.value) == "tunnel: no port of this computer can be listened on"


def test_a_sshd_that_forwards_nothing_is_said_at_once(box):
    box.code = NOT_ALLOWED
    with pytest.raises(InstanceFailed) as failed, forwarded(box, 8080, pytest.fail):
        pass
    assert box.asked == [("127.0.0.1", 8080)]  # it would refuse the other one, too
    assert str(failed.value) == (
        "tunnel: sshd on the instance forwards no port\nhint: AllowTcpForwarding and PermitOpen in its sshd_config"
        " decide that; a gateway of the provider may too"
    )


@pytest.mark.parametrize("error", [SSHException("gone"), EOFError(), OSError("gone")])
def test_where_one_way_breaks_the_other_is_not_waited_for(box, behind, error):
    box.port = behind(echo)

    def broken(_most):
        raise error

    with forwarded(box, 8080, pytest.fail) as here:
        opened = box.open_channel
        box.open_channel = lambda *given, **how: SimpleNamespace(**{**vars(opened(*given, **how)), "recv": broken})
        with socket.create_connection(("127.0.0.1", here), timeout=30) as sock:
            assert sock.recv(1) == b""  # though nothing was said to it, and nothing by it
