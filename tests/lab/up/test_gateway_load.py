"""The gateway under load, as the real nginx: slow clients, an upload of GBs, a WebSocket; its memory stays what it is."""

from __future__ import annotations

import http.client
import socket
import subprocess
import time
import urllib.parse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from select import select
from threading import Event

import pytest

from web_socket import Refused, WebSocket

pytestmark = pytest.mark.one_release
APP = Path(__file__).parents[2] / "echo_app.py"
TOKEN = "t0ken-of-the-person"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
READS = "reads a body"
LOGIN = f"Authorization: Bearer {TOKEN}"
MIB = 1 << 20
UPLOAD_MIB = 2048
BODY_MIB = 32
MEMORY_MIB = 48  # of each process of nginx; without load it takes 10
IN_SOCKETS_MIB = 64  # what may be on its way between the test and the service

# Of each process of nginx: the most that it ever had in memory, in KiB.
MEMORY = "for pid in $(pgrep '^nginx$'); do awk '/^VmHWM/ { print $2 }' /proc/$pid/status; done"
# Where nginx keeps bodies on the disk, it cannot any more: what would be kept fails.
NO_DISK = "chown root: /var/lib/nginx/body /var/lib/nginx/proxy && chmod 700 /var/lib/nginx/body /var/lib/nginx/proxy"


@pytest.fixture(scope="module")
def box(shared_box):
    return shared_box


@pytest.fixture(scope="module")
def front(shared_project, box):
    """The host and port of the gateway, which has one service behind it, and no disk to keep bodies on."""
    subprocess.run([*box.ssh_command, "cat >/srv/echo_app.py"], input=APP.read_bytes(), check=True, timeout=60)
    one = {"lab": box.release, "roles": ["gateway", "services"]}
    gateway = {"routes": {"/": "echo"}, "token": {"env": "GATE_TOKEN"}}
    services = {"echo": {"command": "exec python3 /srv/echo_app.py {port}", "port": 8001, "health": "/"}}
    shared_project.write({box.name: {**one, "gateway": gateway, "services": services}})
    ran = shared_project.run("up", "-y", env={"GATE_TOKEN": TOKEN})
    assert ran.code == 0, ran.stderr
    subprocess.run([*box.ssh_command, NO_DISK], check=True, timeout=60)
    there = urllib.parse.urlsplit(box.url)
    return there.hostname, there.port


def ask(front, path: str, **headers: str) -> tuple[int, str]:
    asked = http.client.HTTPConnection(*front, timeout=20)
    asked.request("GET", path, headers=headers)
    answer = asked.getresponse()
    return answer.status, answer.read().decode()


def memory_mib(ssh, box) -> float:
    return max(map(int, ssh(box, MEMORY).split())) / 1024


def connected(front, *lines: str) -> socket.socket:
    """A connection that has sent these lines of a request, and has little room for what comes."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.settimeout(20)
    made.connect(front)
    made.sendall("".join(f"{line}\r\n" for line in lines).encode())
    return made


@contextmanager
def slow_clients(front, count: int) -> Iterator[None]:
    """A third sends its header byte by byte, a third a body, and a third reads one; none is cut off."""
    host = f"Host: {front[0]}"
    lines = {
        "sends a header": ("GET / HTTP/1.1", host),
        "sends a body": ("POST / HTTP/1.1", host, LOGIN, "Content-Length: 9999999", ""),
        READS: (f"GET /bytes/{BODY_MIB * MIB} HTTP/1.1", host, LOGIN, "Connection: close", ""),
    }
    with ExitStack() as stack, ThreadPoolExecutor(1) as pool:
        kinds = [list(lines)[at % len(lines)] for at in range(count)]
        slow = [(kind, stack.enter_context(connected(front, *lines[kind]))) for kind in kinds]
        over = Event()
        trickling = pool.submit(trickle, slow, over)
        try:
            yield
        finally:
            over.set()
        assert trickling.result() == [], "some were cut off"
        assert rest(slow) > (BODY_MIB - 1) * MIB, "what is left of a body that was read slowly"


def trickle(slow: list[tuple[str, socket.socket]], over: Event) -> list[str]:
    """A byte of each, five times a second. Those that came to an end."""
    cut = []
    while not over.wait(0.2):
        for kind, each in slow:
            if kind != READS:
                each.sendall(b"0")
            elif not each.recv(1):
                cut.append(kind)
        # Who still sends is answered only when it is refused, or cut off.
        sending = [each for kind, each in slow if kind != READS]
        cut += ["sends"] * len(select(sending, [], [], 0)[0])
    return cut


def rest(slow: list[tuple[str, socket.socket]]) -> int:
    """How much comes yet to the first of those that read, with what was said before the body."""
    reader = next(each for kind, each in slow if kind == READS)
    return sum(iter(lambda: len(reader.recv(MIB)), 0))


def test_two_hundred_slow_clients_keep_nobody_waiting(front, box, ssh):
    with slow_clients(front, 200):
        answers = {ask(front, "/", **BEARER) for _ in range(50)}
        assert answers == {(200, "hello")}
    assert memory_mib(ssh, box) < MEMORY_MIB


def test_an_upload_of_gigabytes_goes_through_without_being_kept(front, box, ssh):
    before = int(ask(front, "/so-far", **BEARER)[1])
    piece, upload = bytes(4 * MIB), http.client.HTTPConnection(*front, timeout=60)
    upload.putrequest("POST", "/")
    upload.putheader("Authorization", BEARER["Authorization"])
    upload.putheader("Content-Length", str(UPLOAD_MIB * MIB))
    upload.endheaders()
    for sent in range(4, UPLOAD_MIB + 4, 4):
        upload.send(piece)
        if sent == UPLOAD_MIB // 2:
            come(front, before + (sent - IN_SOCKETS_MIB) * MIB)
    answer = upload.getresponse()
    assert (answer.status, int(answer.read())) == (200, UPLOAD_MIB * MIB)
    assert memory_mib(ssh, box) < MEMORY_MIB


def come(front, size: int) -> None:
    """Wait until so many bytes have come to the service: with a body that nginx keeps, they do when all are sent."""
    end = time.monotonic() + 30
    while int(ask(front, "/so-far", **BEARER)[1]) < size:
        assert time.monotonic() < end, "the service gets nothing until the end"
        time.sleep(0.1)


def test_an_upload_without_the_token_is_refused_before_it_is_sent(front, box):
    with connected(front, "POST / HTTP/1.1", f"Host: {front[0]}", f"Content-Length: {1 << 40}", "") as made:
        assert made.recv(12) == b"HTTP/1.1 401"


def test_a_websocket_is_opened_with_the_token_alone_and_carries_frames(front):
    url = f"http://{front[0]}:{front[1]}/ws"
    with pytest.raises(Refused, match="401"):
        WebSocket(url, {})
    with WebSocket(url, BEARER) as opened:
        opened.send("a frame")
        assert opened.receive() == "a frame"
