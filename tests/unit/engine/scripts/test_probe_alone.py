"""The probe of a box without curl, function by function: what it sends, how far it comes, and curl's words for that."""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import gevent
import pytest

from gpustrap.engine.scripts import probe


class Page(BaseHTTPRequestHandler):
    """Each path does one thing; `heard` is what was asked."""

    def do_GET(self) -> None:
        self.server.heard.append((self.path, dict(self.headers)))  # type: ignore[attr-defined]
        kind, _, rest = self.path.lstrip("/").partition("/")
        if kind.isdigit():
            self.send_response(int(kind))
            self.send_header("Location", f"/{rest}" if rest else self.path)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = b"x" * 300_000 if kind == "large" else b"hello"
        self.send_response(404 if kind == "absent" else 200)
        self.send_header("Content-Length", str(len(body) + (kind == "cut")))
        self.end_headers()
        with suppress(OSError):  # who asked has had enough
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        for each in (name, name.upper()):
            monkeypatch.delenv(each, raising=False)
    made: Any = HTTPServer(("127.0.0.1", 0), Page)
    made.heard, made.url = [], f"http://127.0.0.1:{made.server_port}"
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def told(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """`told(url)`: what the probe wrote of it, kind → text."""

    def of(url: str, seconds: float = 20) -> dict[str, str]:
        probe.probe(f"one\t{url}\tagent/1\n", seconds, str(tmp_path))
        return {file.name.partition(".")[2]: file.read_text(errors="replace") for file in tmp_path.iterdir()}

    return of


def test_an_answer_is_told_in_curls_fields(server, told) -> None:
    wrote = told(f"{server.url}/pip/?a=b")
    address, dns, connect, tls, first, total, status, proxy, size, rate, verify, url = wrote["told"].split("\t")
    assert (address, status, proxy, size, verify, url) == (
        "127.0.0.1",
        "200",
        "0",
        "5",
        "0",
        f"{server.url}/pip/?a=b\n",
    )
    assert 0 < float(dns) <= float(connect) <= float(first) <= float(total) < 20
    assert (tls, len(first.partition(".")[2])) == ("0.000000", 6)
    assert 0 < int(rate) <= 5000
    assert (wrote["code"], wrote["error"], wrote["body"], wrote["names"]) == ("0", "", "hello", "127.0.0.1")


def test_a_server_is_asked_for_the_beginning_as_the_client_that_is_meant(server, told) -> None:
    told(f"{server.url}/pip/?a=b")
    told(server.url)
    (path, headers), (root, _) = server.heard
    assert (path, root) == ("/pip/?a=b", "/")
    assert (headers["User-Agent"], headers["Range"], headers["Accept"]) == ("agent/1", "bytes=0-65535", "*/*")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_and_the_last_address_told(server, told, status: int) -> None:
    wrote = told(f"{server.url}/{status}/there")
    assert (wrote["code"], wrote["body"]) == ("0", "hello")
    assert wrote["told"].endswith(f"\t{server.url}/there\n")


def test_five_redirects_are_followed_and_no_more(server, told) -> None:
    assert told(f"{server.url}/302/302/302/302/302/there")["code"] == "0"
    wrote = told(f"{server.url}/302")
    assert (wrote["code"], wrote["error"]) == ("47", "RecursionError: more than 5 redirects\n")
    assert len(server.heard) == 6 + 6


@pytest.mark.parametrize("status", [300, 304, 404, 503])
def test_any_other_status_is_the_answer(server, told, status: int) -> None:
    assert told(f"{server.url}/{status}/there")["told"].split("\t")[6] == str(status)


def test_of_a_large_answer_the_beginning_is_kept(server, told) -> None:
    wrote = told(f"{server.url}/large")
    assert wrote["code"] == "0"
    assert probe.MOST_BYTES <= len(wrote["body"]) == int(wrote["told"].split("\t")[8]) < 300_000


def test_an_answer_that_is_cut_is_not_whole(server, told) -> None:
    wrote = told(f"{server.url}/cut")
    assert (wrote["code"], wrote["body"]) == ("18", "hello")


def test_an_answer_that_takes_too_long_is_out_of_time(server, told, monkeypatch) -> None:
    class Past(probe.Asked):
        def __init__(self, seconds: float) -> None:
            super().__init__(seconds)
            self.ends = self.began

    monkeypatch.setattr(probe, "Asked", Past)
    monkeypatch.setattr(Past, "left", lambda _self: 20)
    wrote = told(f"{server.url}/pip/")
    assert (wrote["code"], wrote["error"]) == ("28", "TimeoutError: the body took too long\n")


def test_a_proxy_gets_the_whole_address(server, told, monkeypatch) -> None:
    monkeypatch.setenv("http_proxy", server.url)
    assert told("http://far.example/pip/?a=b")["code"] != "0" or server.heard[0][0] == "http://far.example/pip/?a=b"
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server.heard.clear()
    told(f"{server.url}/near")
    assert server.heard[0][0] == "/near"


def test_where_nobody_listens_that_is_told(told) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        wrote = told(f"http://127.0.0.1:{free.getsockname()[1]}/")
    assert wrote["code"] == "7" and wrote["error"].startswith("ConnectionRefusedError: ")
    assert wrote["names"] == "127.0.0.1"


def test_each_address_of_a_host_is_tried(server, monkeypatch) -> None:
    (here,) = socket.getaddrinfo("127.0.0.1", server.server_port, type=socket.SOCK_STREAM)
    (dead,) = socket.getaddrinfo("127.0.0.1", 1, type=socket.SOCK_STREAM)
    asked = probe.Asked(20)
    monkeypatch.setattr(probe.socket, "getaddrinfo", lambda *_, **__: [dead, here])
    probe.connect(asked, "x", 1).close()
    assert asked.address == "127.0.0.1" and 0 < asked.at["dns"] <= asked.at["connect"]
    monkeypatch.setattr(probe.socket, "getaddrinfo", lambda *_, **__: [dead, dead])
    with pytest.raises(ConnectionRefusedError):
        probe.connect(probe.Asked(20), "y", 1)
    monkeypatch.setattr(probe.socket, "getaddrinfo", lambda *_, **__: [])
    with pytest.raises(OSError, match=r"^no address$"):
        probe.connect(probe.Asked(20), "z", 1)


def through(answer: bytes, user: str | None = None, password: str | None = None) -> tuple[bytes, Any]:
    """What a proxy is asked that answers so, and what is known then."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(answer)
        theirs.shutdown(socket.SHUT_WR)
        asked = probe.Asked(20)
        try:
            probe.tunnel(asked, ours, "far", 443, user, password)
        finally:
            heard = theirs.recv(65536)
        return heard, asked


def test_a_proxy_is_asked_for_a_tunnel() -> None:
    heard, asked = through(b"HTTP/1.1 200 Connection established\r\n\r\n")
    assert heard == b"CONNECT far:443 HTTP/1.1\r\nHost: far:443\r\n\r\n"
    assert asked.proxy_status == 200


@pytest.mark.parametrize(("user", "password", "word"), [("a%40b", "c%3Ad", "a@b:c:d"), ("a", None, "a:")])
def test_a_proxy_is_told_who_asks(user: str, password: str | None, word: str) -> None:
    heard, _ = through(b"HTTP/1.1 200 OK\r\n\r\n", user, password)
    secret = base64.b64encode(word.encode())
    assert heard.endswith(b"\r\nProxy-Authorization: Basic " + secret + b"\r\n\r\n")


@pytest.mark.parametrize("status", [300, 407, 502])
def test_a_proxy_that_refuses_is_told(status: int) -> None:
    with pytest.raises(ConnectionAbortedError, match=f"^the proxy answers {status}$"):
        through(f"HTTP/1.1 {status} No\r\n\r\n".encode())


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\n"])
def test_a_proxy_that_ends_before_it_has_answered_is_told(said: bytes) -> None:
    with pytest.raises(ConnectionResetError, match=r"^the proxy ended the connection$"):
        through(said)


def certificate(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError("certificate verify failed")
    error.verify_code = code
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (socket.gaierror(-2, "unknown"), 6), (TimeoutError("timed out"), 28), (ssl.SSLError("handshake"), 35),
        (ConnectionRefusedError(), 7), (http.client.IncompleteRead(b"", 3), 18), (RecursionError(), 47),
        (ConnectionAbortedError(), 56), (certificate(10), 60),
    ],
)  # fmt: skip
def test_what_went_wrong_has_curls_code(error: BaseException, code: int) -> None:
    asked = probe.Asked(1)
    asked.at["connect"] = asked.at["tls"] = 0.1
    assert probe.code_of(asked, error) == code


@pytest.mark.parametrize(
    ("url", "connect", "tls", "code"),
    [("http://x", 0.0, 0.0, 7), ("https://x", 0.1, 0.0, 35), ("https://x", 0.1, 0.2, 56), ("http://x", 0.1, 0.0, 56)],
)
def test_what_has_no_code_of_its_own_is_told_by_how_far_it_came(
    url: str, connect: float, tls: float, code: int
) -> None:
    asked = probe.Asked(1)
    asked.url, asked.at["connect"], asked.at["tls"] = url, connect, tls
    assert probe.code_of(asked, ConnectionResetError()) == code


@pytest.mark.parametrize(("code", "told"), [(10, 10), (18, 18), (62, 0)])
def test_why_a_certificate_is_refused_is_openssls_number_but_for_a_name(code: int, told: int) -> None:
    asked = probe.Asked(1)
    assert (probe.code_of(asked, certificate(code)), asked.verify) == (60, told)


def test_there_is_always_a_moment_left_and_never_more_than_all() -> None:
    assert probe.Asked(-5).left() == 0.05
    assert 9 < probe.Asked(10).left() <= 10


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://a.lan/x", ("a.lan", 80)),
        ("https://a.lan/x", ("a.lan", 443)),
        ("https://a.lan:8443", ("a.lan", 8443)),
        ("x", ("", 80)),
    ],
)
def test_a_place_is_asked_at_its_schemes_port_unless_it_names_one(url: str, place: tuple[str, int]) -> None:
    assert probe.place_of(url) == place


def test_tls_has_its_moment_and_a_certificate_its_verdict(server, faults, trusted, told, monkeypatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    wrote = told(faults["works-tls"])
    _, _, connect, tls, first, *_ = wrote["told"].split("\t")
    assert wrote["code"] == "0" and 0 < float(connect) <= float(tls) <= float(first)
    wrote = told(faults["certificate_untrusted"])
    assert wrote["code"] == "60" and wrote["told"].split("\t")[10] not in ("0", "")
    assert wrote["error"].startswith("SSLCertVerificationError: ")


def program(lines: str, folder: Path, seconds: float) -> subprocess.CompletedProcess[str]:
    """As on the box: the text alone, by a Python of its own."""
    words = [sys.executable, "-I", "-c", Path(probe.__file__).read_text(), str(seconds), str(folder), "1"]
    return subprocess.run(words, input=lines, capture_output=True, text=True, timeout=60)


def test_the_program_asks_all_lines_and_waits_for_each(server, tmp_path) -> None:
    answers = gevent.spawn(program, f"a\t{server.url}/x\tone\nb\t{server.url}/absent\ttwo\n", tmp_path, 20).get()
    assert (answers.returncode, answers.stdout, answers.stderr) == (0, "", "")
    read = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert {name: read[name] for name in ("a.code", "b.code", "a.body", "b.body")} == {
        "a.code": "0", "b.code": "0", "a.body": "hello", "b.body": "hello",
    }  # fmt: skip
    assert [read[f"{name}.told"].split("\t")[6] for name in "ab"] == ["200", "404"]
    assert {headers["User-Agent"] for _, headers in server.heard} == {"one", "two"}


def test_the_program_ends_though_a_place_stays_silent(tmp_path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        done = gevent.spawn(program, f"a\thttp://127.0.0.1:{port}/\tone\n", tmp_path, 0.3).get()
    assert (done.returncode, (tmp_path / "a.code").read_text()) == (0, "28")
    assert (tmp_path / "a.told").read_text().startswith("127.0.0.1\t")
