"""The forwarder as a real child process: what it refuses, what it needs, and that it never outlives its parent."""

from __future__ import annotations

import base64
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic

import gevent
import pytest

import gpustrap.engine  # noqa: F401 (makes sockets cooperative, as a run does)
from gpustrap.laptop import forwarding as forwarding_module
from gpustrap.laptop.allowed import Allowed
from gpustrap.laptop.forwarding import START, WORDS, Forwarding

HERE = "127.0.0.1"
KEY = "Proxy-Authorization: Basic " + base64.b64encode(b"gpustrap:t").decode() + "\r\n"
FORBIDDEN = (
    "localhost", "127.0.0.2", "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]", "2130706433", "0x7f000001", "10.0.0.1",
    "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "[fe80::1]", "router.lan", "other.example",
    "allowed.example.other.example", "notallowed.example", "allowed.example@other.example", "8.8.8.8", "example",
)  # fmt: skip
FORWARDING = """
import sys
from gpustrap.laptop import forwarding as forwarding_module
from gpustrap.laptop.allowed import Allowed
from gpustrap.laptop.forwarding import Forwarding
with Forwarding(Allowed((), ("127.0.0.1",)), "t") as one:
    open_now = one.connection()
    print(one.pid, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def forwarding() -> Iterator[Forwarding]:
    with Forwarding(Allowed((".allowed.example",), (HERE,)), "t") as one:
        yield one


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server((HERE, 0)) as listening:
        yield listening


def ask(forwarding: Forwarding, first: str, key: str = KEY) -> bytes:
    with forwarding.connection() as ours:
        ours.settimeout(20)
        ours.sendall(f"{first} HTTP/1.1\r\n{key}\r\n".encode())
        return ours.recv(65536).partition(b"\r\n")[0]


def test_an_allowed_host_is_reached(forwarding: Forwarding, server: socket.socket) -> None:
    assert ask(forwarding, f"CONNECT {HERE}:{server.getsockname()[1]}") == b"HTTP/1.1 200 Connection established"


@pytest.mark.parametrize("host", FORBIDDEN)
def test_a_host_that_is_not_allowed_is_refused_in_every_form(forwarding: Forwarding, host: str) -> None:
    refused = (b"HTTP/1.1 403 Forbidden", b"HTTP/1.1 400 Bad Request")
    assert ask(forwarding, f"CONNECT {host}:443") in refused
    assert ask(forwarding, f"GET http://{host}/") in refused


def test_who_does_not_know_the_token_is_refused(forwarding: Forwarding) -> None:
    assert ask(forwarding, f"CONNECT {HERE}:1", "") == b"HTTP/1.1 407 Proxy Authentication Required"


def test_it_listens_nowhere(forwarding: Forwarding) -> None:
    ask(forwarding, f"CONNECT {HERE}:1")
    folder = Path(f"/proc/{forwarding.pid}/fd")
    links = [str(one.readlink()) for one in folder.iterdir() if one.is_symlink()]
    held = {found[1] for link in links if (found := re.fullmatch(r"socket:\[(\d+)\]", link))}
    assert held and not held & listening()


def listening() -> set[str]:
    """Inodes of all sockets that listen."""
    tcp = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()]
    unix = [line.split() for line in Path("/proc/net/unix").read_text().splitlines()]
    return {row[9] for row in tcp if row[3] == "0A"} | {row[6] for row in unix if row[3] == "00010000"}


def test_who_does_not_read_makes_the_host_wait(forwarding: Forwarding, server: socket.socket) -> None:
    with forwarding.connection() as ours:
        ours.sendall(f"CONNECT {HERE}:{server.getsockname()[1]} HTTP/1.1\r\n{KEY}\r\n".encode())
        there, _ = server.accept()
        with there:
            there.settimeout(2)
            sent = 0
            with pytest.raises(TimeoutError):
                while sent < 200_000_000:
                    sent += there.send(bytes(65536))
    assert sent < 30_000_000  # the buffers of four sockets


def test_one_that_has_died_is_started_anew(forwarding: Forwarding, server: socket.socket) -> None:
    first, there = forwarding.pid, server.getsockname()[1]
    os.kill(first, signal.SIGKILL)
    await_end(first)
    assert ask(forwarding, f"CONNECT {HERE}:{there}") == b"HTTP/1.1 200 Connection established"
    assert forwarding.pid != first


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("/nowhere/python",), "No such file or directory"),
        ((sys.executable, "-c", "raise SystemExit(3)"), "it ends at once, by exit code 3"),
        ((sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"), "it ends at once, by signal 9"),
        (("sleep", "60"), "it says nothing for 1 s"),
    ],
)
def test_one_that_cannot_start_is_an_error_with_its_cause(monkeypatch, words, said) -> None:
    monkeypatch.setattr(forwarding_module, "WORDS", words)
    monkeypatch.setattr(forwarding_module, "START_SECONDS", 1 if "sleep" in words else 60)
    with pytest.raises(OSError, match=said):
        Forwarding(Allowed((), (HERE,)), "t")


def test_it_ends_with_its_parent_also_when_that_is_killed() -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", FORWARDING], stdin=pipe, stdout=pipe) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    await_end(child)


def test_closed_it_is_gone_with_what_was_under_way(server: socket.socket) -> None:
    with Forwarding(Allowed((), (HERE,)), "t") as one:
        child, ours = one.pid, one.connection()
        ours.sendall(f"CONNECT {HERE}:{server.getsockname()[1]} HTTP/1.1\r\n{KEY}\r\n".encode())
        ours.settimeout(20)
        assert ours.recv(4096)
    with ours:
        assert ours.recv(1) == b""
    await_end(child)


def await_end(pid: int) -> None:
    until = monotonic() + 20
    while state(pid) not in "Z":
        assert monotonic() < until


def state(pid: int) -> str:
    """As the kernel says it; empty for none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def test_it_imports_the_standard_library_and_little_of_ours() -> None:
    told = START.replace("main()", "print(*sys.modules)")
    words = [*WORDS[:-2], told, WORDS[-1]]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    others = {name for name in said if name.partition(".")[0] not in sys.stdlib_module_names}
    ours = {f"gpustrap.laptop.{name}" for name in ("allowed", "asked", "forwarder", "forwarder_child", "way_out")}
    assert others == {"__main__", "gpustrap", "gpustrap.laptop", *ours}
    assert "asyncio" not in said


def test_many_connections_cost_little(forwarding: Forwarding, server: socket.socket) -> None:
    """As many as a box gets at once."""
    answering = gevent.spawn(answer_all, server)
    open_now = [forwarding.connection() for _ in range(256)]
    for each in open_now:
        each.settimeout(60)
        each.sendall(f"CONNECT {HERE}:{server.getsockname()[1]} HTTP/1.1\r\n{KEY}\r\n".encode())
    for each in open_now:
        had = 0
        while had < 1_000_000:
            had += len(each.recv(65536))
        each.close()
    answering.kill()
    assert peak_mb(forwarding.pid) <= 60


def answer_all(server: socket.socket) -> None:
    while True:
        gevent.spawn(answer, server.accept()[0])


def answer(there: socket.socket) -> None:
    with there, suppress(OSError):
        there.sendall(bytes(1_000_000))


def peak_mb(pid: int) -> float:
    """The most memory it has had."""
    (line,) = [one for one in Path(f"/proc/{pid}/status").read_text().splitlines() if one.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024 / 1e6
