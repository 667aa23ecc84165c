"""Sockets as the kernel of this machine shows them, by the script itself, and hostile lines."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from gpustrap.engine.facts.listening import ListeningFact
from gpustrap.resolve.box.listeners import Listener, Listening

TCP, UDP = socket.SOCK_STREAM, socket.SOCK_DGRAM


def asked(most=None, loopback=False, **env):
    command = ListeningFact().command(loopback)
    if most is not None:
        command = command.replace("most=300", f"most={most}")
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=30, env={**os.environ, **env})
    return ListeningFact().process(done.stdout.splitlines())


def bound(stack, kind, address, port=0):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    one = stack.enter_context(socket.socket(family, kind))
    if family == socket.AF_INET6:
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    one.bind((address, port))
    if kind == TCP:
        one.listen()
    return one.getsockname()[1]


def free_below(start):
    """A UDP port under the ones that the kernel gives to clients."""
    for port in range(start, start + 200):
        with socket.socket(socket.AF_INET, UDP) as one:
            try:
                one.bind(("0.0.0.0", port))
            except OSError:
                continue
            return port
    raise AssertionError


@pytest.mark.parametrize("variables", [{"QUOTING_STYLE": "c"}, {"TIME_STYLE": "+%s %s"}, {"COLUMNS": "10"}])
def test_who_holds_a_socket_is_found_whatever_style_the_environment_asks_of_ls(variables):
    with ExitStack() as stack:
        port = bound(stack, TCP, "0.0.0.0")
        assert os.getpid() in {one.pid for one in asked(**variables).listeners if one.port == port}


def test_what_others_reach_is_told_with_who_holds_it():
    with ExitStack() as stack:
        four, six = bound(stack, TCP, "0.0.0.0"), bound(stack, TCP, "::")
        udp = bound(stack, UDP, "0.0.0.0", free_below(7000))
        for kind, address in ((TCP, "127.0.0.1"), (TCP, "::1"), (UDP, "127.0.0.1"), (UDP, "::1")):
            bound(stack, kind, address)
        bound(stack, UDP, "0.0.0.0")  # as a client has it, on a port that the kernel gave
        seen = asked()
    ours = {(one.protocol, one.address, one.port): one for one in seen.listeners if one.pid == os.getpid()}
    assert set(ours) == {("tcp", "0.0.0.0", four), ("tcp", "::", six), ("udp", "0.0.0.0", udp)}
    assert seen.whole
    one = ours["tcp", "0.0.0.0", four]
    assert one.program == os.path.realpath(sys.executable)
    assert (one.user, one.service) == (getpass.getuser(), "")
    assert one.command[:20] == Path("/proc/self/cmdline").read_text().replace("\0", " ")[:20]


def test_what_only_the_box_itself_reaches_is_told_where_it_is_asked_for():
    with ExitStack() as stack:
        port = bound(stack, TCP, "127.0.0.1")
        found = [one for one in asked(loopback=True).listeners if one.port == port]
    assert [(one.address, one.pid) for one in found] == [("127.0.0.1", os.getpid())]


def test_without_an_answer_nothing_is_known():
    assert ListeningFact.default() == Listening()


def test_a_service_is_known_by_its_mark():
    listen = (
        "import socket,sys;s=socket.create_server(('0.0.0.0',0));print(s.getsockname()[1],flush=True);sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", listen],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "GPUSTRAP_SERVICE": "web"},
    ) as server:
        assert server.stdout and server.stdin
        port = int(server.stdout.readline())
        assert [one.service for one in asked().listeners if one.port == port] == ["web"]
        server.stdin.close()


def test_a_program_that_calls_itself_others_is_believed_of_nobody(tmp_path):
    """Its name goes on, after a line break, as what the kernel says of this process."""
    posing = tmp_path / f"a\nl /proc/{os.getpid()}/exe -> " / "usr" / "bin" / "sshd"
    posing.parent.mkdir(parents=True)
    shutil.copy(shutil.which("sleep") or "", posing)
    with ExitStack() as stack:
        port, his = bound(stack, TCP, "0.0.0.0"), stack.enter_context(socket.create_server(("0.0.0.0", 0)))
        running = stack.enter_context(subprocess.Popen([posing, "600"], pass_fds=[his.fileno()]))
        try:
            seen = asked()
        finally:
            running.kill()
        his_port = his.getsockname()[1]
    assert running.pid in {one.pid for one in seen.listeners if one.port == his_port}
    assert {one.program for one in seen.listeners if one.port == port} <= {"", os.path.realpath(sys.executable)}


def test_more_than_anybody_has_is_not_whole():
    with ExitStack() as stack:
        for _ in range(4):
            bound(stack, TCP, "0.0.0.0")
        seen = asked(most=3)
    assert (len({one.port for one in seen.listeners}) <= 3, seen.whole) == (True, False)


@pytest.mark.parametrize(
    ("lines", "seen"),
    [
        ([], Listening()),
        (["unreadable"], Listening()),
        (["whole"], Listening((), True)),
        (["socket\ttcp\tzz:0016\t1\troot\t/x\t-\tx", "whole"], Listening()),
        (["socket\ttcp", "whole"], Listening()),
        (["plug\ttcp\t00000000:1F90\t-\t-\t-\t-\t-", "whole"], Listening((), True)),
        (["socket\tudp\t00000000:0000\t-\t-\t-\t-\t-", "whole"], Listening((Listener("udp", "0.0.0.0", 0),), True)),
        (
            ["range\t16\t32", "socket\tudp\t00000000:0021\t-\t-\t-\t-\t-", "whole"],
            Listening((Listener("udp", "0.0.0.0", 33),), True),
        ),
        (["range\t1", "range\t", "whole"], Listening((), True)),
        (
            ["other\t16\t32", "socket\tudp\t00000000:0020\t-\t-\t-\t-\t-", "whole"],
            Listening((Listener("udp", "0.0.0.0", 32),), True),
        ),
        (
            ["socket\ttcp\t00000000:1F90\t7\troot\t/x\tweb\tx 600 ", "whole"],
            Listening((Listener("tcp", "0.0.0.0", 8080, 7, "root", "/x", "x 600", "web"),), True),
        ),
        (["range\t16\t32", "socket\tudp\t00000000:0020\t-\t-\t-\t-\t-", "whole"], Listening((), True)),
        (["range\t1\t99999", "socket\tudp\t00000000:FFFF\t-\t-\t-\t-\t-", "whole"], Listening((), True)),
        (
            ["range\t32768\t60999", "socket\tudp\t00000000:9C40\t7\troot\t/x\t-\tx", "whole"],
            Listening((), True),
        ),
        (
            ["socket\ttcp6\t0000000000000000FFFF00000501A8C0:1F90\t-\t-\t-\t-\t-", "whole"],
            Listening((Listener("tcp", "192.168.1.5", 8080),), True),
        ),
        (
            ["socket\ttcp\t00000000:1F90\t7\tr\x1b[31moot\t/x\t-\tx\u202ey", "whole"],
            Listening((Listener("tcp", "0.0.0.0", 8080, 7, "r[31moot", "/x", "xy"),), True),
        ),
    ],
)
def test_what_cannot_be_read_makes_it_not_whole(lines, seen):
    assert ListeningFact().process(lines) == seen
