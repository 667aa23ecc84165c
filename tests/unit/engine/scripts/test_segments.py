"""Whether a silent place answers in small packets, function by function, against real sockets."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress

import gevent
import pytest
from gevent.event import Event

from gpustrap.engine.scripts import segments


class Answering:
    """A server that hears one request and says `word`; nothing where that is empty, and no end before its own."""

    def __init__(self, word: bytes | None) -> None:
        self.word, self.heard, self.largest = word, b"", 0
        self.ended = Event()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.running = gevent.spawn(self._run)

    def _run(self) -> None:
        with suppress(OSError):
            taken, _ = self.listening.accept()
            with taken:
                self.largest = taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)
                self.heard = taken.recv(4096)
                if self.word is None:
                    self.ended.wait(60)
                else:
                    taken.sendall(self.word)

    def close(self) -> None:
        self.ended.set()
        self.running.join(60)
        self.listening.close()


@pytest.fixture
def serves() -> Iterator[type[Answering]]:
    made: list[Answering] = []

    class Kept(Answering):
        def __init__(self, word: bytes | None) -> None:
            super().__init__(word)
            made.append(self)

    yield Kept
    for one in made:
        one.close()


@pytest.mark.parametrize(("path", "asked"), [("/a/b", "/a/b"), ("", "/")])
def test_one_that_answers_small_packets_is_asked_for_its_page_and_told_to_send_no_larger(serves, path, asked) -> None:
    server = serves(b"H")
    assert segments.answers(f"http://user:pw@127.0.0.1:{server.port}{path}") is True
    server.close()
    assert server.heard == f"GET {asked} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode()
    assert 0 < server.largest <= segments.SMALLEST


def test_one_that_ends_without_a_word_does_not_answer(serves) -> None:
    assert segments.answers(f"http://127.0.0.1:{serves(b'').port}") is False


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_one_that_stays_silent_is_given_up(serves, monkeypatch, scheme) -> None:
    monkeypatch.setattr(segments, "SECONDS", 0.05)
    with pytest.raises(OSError, match="timed out"):
        segments.answers(f"{scheme}://127.0.0.1:{serves(None).port}/")


def test_where_nobody_listens_that_is_an_error() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionRefusedError):
            segments.answers(f"http://127.0.0.1:{held.getsockname()[1]}/")


def test_of_tls_the_handshake_is_the_answer_whoever_has_signed(faults) -> None:
    assert segments.answers(faults["certificate_untrusted"]) is True


def test_what_is_no_tls_does_not_shake_hands(serves) -> None:
    with pytest.raises(OSError, match="SSL"):
        segments.answers(f"https://127.0.0.1:{serves(b'HTTP/1.0 400 no' * 9).port}/")


@pytest.mark.parametrize(("scheme", "port"), [("http", 80), ("https", 443)])
def test_without_a_port_its_schemes_is_asked(monkeypatch, scheme, port) -> None:
    asked = []

    def look(*words: object) -> list[object]:
        asked.append(words)
        raise socket.gaierror("no address")

    monkeypatch.setattr(socket, "getaddrinfo", look)
    with pytest.raises(OSError, match="no address"):
        segments.answers(f"{scheme}://a.lan/x")
    assert asked == [("a.lan", port, 0, socket.SOCK_STREAM)]
