"""The laptop's network, lent: to whom, for how long, and what is said where it cannot be."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
import time
from functools import partial
from types import SimpleNamespace

import gevent
import pytest
from gevent import socket
from gevent.event import Event
from gevent.server import StreamServer
from paramiko import SSHException

from gpustrap.engine import lent as module
from gpustrap.engine.batch import Answer
from gpustrap.engine.facts import lent as fact
from gpustrap.engine.greenlets import hush
from gpustrap.engine.lent import lent
from gpustrap.errors import InstanceFailed, LaptopFailed
from gpustrap.inventory.masking import masked
from gpustrap.laptop import forwarding
from gpustrap.laptop.allowed import Allowed

PORT = 40001
HERE = "127.0.0.1"


class Box:
    """Stands for paramiko's transport and for the connector: the port of a box, and what it says of its clients."""

    def __init__(self):
        self.transport, self.wire, self.execs, self.environment = self, self, 0, "of before"
        self.said, self.asked, self.cancelled = b"host\tpypi.example\n", [], []
        self.refuses = self.lost = None
        self.turned_away = False  # who comes while the port is given back
        self.channels = []  # kept, so that they are not closed for want of a reader

    def request_port_forward(self, address, port, handler):
        if self.refuses:
            raise self.refuses
        self.handler = handler
        assert (address, port) == (HERE, 0) and self.connects().recv(1) == b"", "nobody serves yet"
        return PORT

    def cancel_port_forward(self, address, port):
        self.cancelled.append((address, port))
        self.turned_away = self.connects().recv(1) == b""
        if self.lost:
            raise self.lost

    def run(self, command, seconds):
        self.asked.append((command, seconds))
        return Answer(0, self.said, b"")

    def connects(self):
        """A client on the box: its end of a connection to the port."""
        ours, theirs = socket.socketpair()
        ours.settimeout(10)
        self.channels.append(theirs)
        channel = SimpleNamespace(
            recv=theirs.recv,
            sendall=theirs.sendall,
            shutdown_write=partial(theirs.shutdown, socket.SHUT_WR),
            close=theirs.close,
        )
        self.handler(channel, ("127.0.0.1", 5), (HERE, PORT))
        return ours

    def variables(self):
        """What a command on the box has by it, but for what a shell has anyhow."""
        shell = ["env", "-i", "/bin/sh", "-c", f"{self.environment}exec env"]
        said = subprocess.run(shell, capture_output=True, text=True, check=True).stdout
        return {
            k: v for k, _, v in (line.partition("=") for line in said.splitlines()) if k not in ("PWD", "SHLVL", "_")
        }


@pytest.fixture
def box():
    hush()
    return Box()


@pytest.fixture
def origin():
    """A server of this computer, whose answer is what it was asked."""

    def echo(sock, _address):
        said = b""
        while b"\r\n\r\n" not in said:
            said += sock.recv(65536)
        sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + said)

    server = StreamServer((HERE, 0), echo)
    server.start()
    yield f"http://{HERE}:{server.server_port}/x"
    server.stop(timeout=0)


def here(told):
    return Allowed(told.hosts, (HERE,))


def token_of(box):
    found = re.search(r"gpustrap:(\w+)@", box.environment)
    assert found
    return found[1]


def ask(client, url, token):
    login = base64.b64encode(f"gpustrap:{token}".encode()).decode()
    client.sendall(f"GET {url} HTTP/1.1\r\nProxy-Authorization: Basic {login}\r\n\r\n".encode())
    client.shutdown(socket.SHUT_WR)
    return b"".join(iter(lambda: client.recv(65536), b""))


def test_inside_commands_of_the_box_get_out_by_the_port_and_afterwards_nobody(box, origin):
    with lent(box, here, (HERE, "it's.direct"), pytest.fail):
        token = token_of(box)
        url = f"http://gpustrap:{token}@{HERE}:{PORT}"
        names = {"http_proxy": url, "https_proxy": url, "all_proxy": url, "no_proxy": f"{HERE},it's.direct"}
        both = names | {name.upper(): value for name, value in names.items()}
        assert box.variables() == both | {"GPUSTRAP_LENT": str(PORT)}
        assert re.fullmatch("[0-9a-f]{32}", token) and masked(f"key {token}") == "key ***"
        assert b"GET /x HTTP/1.1" in ask(box.connects(), origin, token)
        assert ask(box.connects(), origin, "another").startswith(b"HTTP/1.1 407 ")
        open_still = box.connects()
        gevent.sleep(0)
    assert (box.environment, box.cancelled, box.turned_away) == ("", [(HERE, PORT)], True)
    assert open_still.recv(1) == b""
    assert (box.asked, box.execs) == ([(fact.command(PORT), 20)], 1)


def test_what_the_box_says_it_needs_is_asked_before_anything_is_served(box):
    class No(Exception):
        pass

    def allow(told):
        raise No(told)

    with pytest.raises(No) as refused, lent(box, allow, (), pytest.fail):
        pytest.fail()
    assert refused.value.args == (fact.Told(("pypi.example",)),)
    assert (box.environment, box.cancelled) == ("", [(HERE, PORT)])


def test_a_port_that_is_everybodys_is_given_back_at_once(box):
    box.said += b"open\tyes\n"
    with pytest.raises(InstanceFailed) as failed, lent(box, here, (), pytest.fail):
        pytest.fail()
    assert str(failed.value) == (
        "proxy: the laptop's network is not lent: the box's sshd opens forwarded ports to everybody\n"
        "hint: `GatewayPorts no` in its sshd_config"
    )
    assert (box.environment, box.cancelled) == ("", [(HERE, PORT)])


def test_a_sshd_that_forwards_no_port_is_said(box):
    box.refuses = SSHException("TCP forwarding request denied")
    with pytest.raises(InstanceFailed) as failed, lent(box, here, (), pytest.fail):
        pytest.fail()
    assert str(failed.value) == (
        "proxy: the laptop's network cannot be lent: the box's sshd forwards no port\n"
        "hint: `AllowTcpForwarding yes` in its sshd_config, or another network: {proxy: …}"
    )


@pytest.mark.parametrize("lost", [OSError("gone"), EOFError(), SSHException("gone")])
def test_what_has_ended_the_work_is_said_and_not_that_the_port_went_with_the_connection(box, lost):
    box.lost = lost
    with pytest.raises(ZeroDivisionError), lent(box, here, (), pytest.fail):
        raise ZeroDivisionError


def test_so_many_connections_at_once_and_the_next_one_is_closed(box, origin, monkeypatch):
    monkeypatch.setattr(module, "AT_ONCE", 1)
    with lent(box, here, (), pytest.fail):
        first = box.connects()
        assert box.connects().recv(1) == b""
        assert b"GET /x HTTP/1.1" in ask(first, origin, token_of(box))
        first.close()
        assert b"GET /x HTTP/1.1" in ask(box.connects(), origin, token_of(box))


@pytest.mark.parametrize("error", [OSError("gone"), EOFError(), SSHException("gone")])
def test_a_connection_that_breaks_ends_alone_and_without_a_word(box, origin, monkeypatch, error):
    shown, said, closed = [], [b"GET / HTTP/1.1\r\n\r\n"], Event()
    monkeypatch.setattr(gevent.get_hub(), "handle_error", lambda *told: shown.append(told))

    def broken(*_):
        raise error

    channel = SimpleNamespace(
        recv=lambda _most: said.pop() if said else b"", sendall=broken, shutdown_write=broken, close=closed.set
    )
    with lent(box, here, (), pytest.fail):
        box.handler(channel, None, None)
        assert closed.wait(30)
        assert b"GET /x HTTP/1.1" in ask(box.connects(), origin, token_of(box))
    assert shown == []


def test_that_this_computer_has_stood_still_is_said_once_each_time_and_not_afterwards(box, monkeypatch):
    now, said = [100.0], []
    monkeypatch.setattr(module, "TICK_SECONDS", 0)
    monkeypatch.setattr(module, "time", SimpleNamespace(clock_gettime=lambda _clock: now[0]))

    def passes(seconds):
        now[0] += seconds
        for _ in range(3):
            gevent.sleep(0)

    with lent(box, here, (), said.append):
        for seconds in (0, 8, 9, 1):
            passes(seconds)
    passes(0)
    passes(100)
    assert said == [
        "this computer stood still for 9 s, and the network it lends: what downloads by it may have given up; "
        "the same command goes on"
    ]


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="Linux's")
def test_the_clock_goes_on_while_a_computer_sleeps():
    assert module.AWAKE_OR_NOT == time.CLOCK_BOOTTIME


def test_where_its_process_does_not_start_the_failure_is_this_computers_with_what_to_do(box, monkeypatch):
    monkeypatch.setattr(forwarding, "WORDS", (sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"))
    with pytest.raises(LaptopFailed) as failed, lent(box, here, (), pytest.fail):
        pass
    assert str(failed.value) == (
        "proxy: the laptop's network cannot be lent: the process that serves it does not start here: it ends at once, "
        "by signal 9\n"
        "hint: memory and processes of this computer may be at their end: the same command tries again; "
        "`network: {proxy: http://HOST:PORT}` in hosts.yml is another way"
    )


def test_the_reason_of_the_system_is_told_where_it_has_one(box, monkeypatch):
    def full(*_):
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(module, "Forwarding", full)
    with pytest.raises(LaptopFailed) as failed, lent(box, here, (), pytest.fail):
        pass
    assert "does not start here: Resource temporarily unavailable\n" in str(failed.value)
