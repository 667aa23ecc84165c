"""A key exchange that is begun early, with a real ssh server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from gpustrap.laptop.links import Link


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Here a transport's thread is a real one (see tests/conftest.py), so its sockets are no greenlets' either."""
    from gevent import monkey

    import gpustrap.engine  # noqa: F401

    monkeypatch.setattr(socket, "socket", monkey.get_original("socket", "socket"))
    with socket.create_server(("127.0.0.1", 0)) as made:
        made.settimeout(10)
        yield made


@pytest.fixture
def serve(listening: socket.socket) -> Iterator[Any]:
    """`serve(*keys)`: an ssh server that shows these host keys, for one connection. Its port."""
    import paramiko
    from paramiko.common import cMSG_SERVICE_ACCEPT

    threads: list[threading.Thread] = []

    class Late(paramiko.Transport):
        """Says that one may log in only when one is about to."""

        held: Any = None

        def _send_message(self, data: Any) -> None:
            if data.asbytes()[:1] == cMSG_SERVICE_ACCEPT:
                self.held = data
            else:
                super()._send_message(data)

    class Anybody(paramiko.ServerInterface):
        def __init__(self, transport: Late):
            self.transport = transport

        def check_auth_password(self, _user: str, _password: str) -> int:
            paramiko.Transport._send_message(self.transport, self.transport.held)
            return paramiko.AUTH_SUCCESSFUL

    def one(keys: tuple[Any, ...]) -> None:
        transport = Late(listening.accept()[0])
        for key in keys:
            transport.add_server_key(key)
        with suppress(OSError, EOFError, paramiko.SSHException):  # the client has gone
            transport.start_server(server=Anybody(transport))

    def run(*keys: Any) -> int:
        threads.append(threading.Thread(target=one, args=(keys,)))
        threads[-1].start()
        port: int = listening.getsockname()[1]
        return port

    yield run
    for thread in threads:
        thread.join(10)


@pytest.fixture(scope="module")
def keys() -> tuple[Any, Any]:
    import gpustrap.engine  # noqa: F401, I001 (before paramiko)
    import paramiko

    return paramiko.RSAKey.generate(2048), paramiko.ECDSAKey.generate()


def begun(link: Link) -> Any:
    """What stands for the transport, as a login takes it."""
    from gpustrap.engine import handshake

    handshake._begun[link.host, link.port] = handshake.gevent.spawn(handshake._shake_hands, link)
    return handshake.take(link.host, link.port)


def test_it_logs_in_without_waiting_for_the_word_that_it_may(serve, keys, tmp_path: Path) -> None:
    transport = begun(Link("127.0.0.1", serve(*keys), tmp_path / "known_hosts"))
    transport.start_client(timeout=10)
    transport.auth_timeout = 10
    transport.auth_password("root", "a word")
    assert transport.is_authenticated()
    transport.close()


@pytest.mark.parametrize("kind", [0, 1])
def test_the_key_that_is_known_is_asked_for(serve, keys, tmp_path: Path, kind: int) -> None:
    port = serve(*keys)
    known = tmp_path / "known_hosts"
    known.write_text(f"[127.0.0.1]:{port} {keys[kind].get_name()} {keys[kind].get_base64()}\n")
    transport = begun(Link("127.0.0.1", port, known))
    transport.start_client(timeout=10)
    assert transport.get_remote_server_key() == keys[kind]
    transport.close()


@pytest.mark.parametrize("text", ["", "a line that is none\n", "[127.0.0.1]:1 ssh-rsa !!!\n", None])
def test_a_host_that_is_not_known_shows_the_key_it_likes(serve, keys, tmp_path: Path, text: str | None) -> None:
    known = tmp_path / "known_hosts"
    if text is not None:
        known.write_text(text)
    transport = begun(Link("127.0.0.1", serve(*keys), known))
    transport.start_client(timeout=10)
    assert transport.get_remote_server_key() in keys
    transport.close()


def test_what_ends_the_exchange_is_raised_where_it_is_waited_for(listening, tmp_path: Path) -> None:
    from paramiko import SSHException

    transport = begun(Link("127.0.0.1", listening.getsockname()[1], tmp_path / "none"))
    accepted, _ = listening.accept()
    accepted.sendall(b"HTTP/1.0 400 Bad Request\r\n" * 200)
    accepted.close()
    with pytest.raises(SSHException, match="protocol version"):
        transport.start_client(timeout=10)


def test_the_other_kinds_of_key_are_still_taken(listening, tmp_path: Path) -> None:
    transport = begun(Link("127.0.0.1", listening.getsockname()[1], tmp_path / "none"))
    kinds = transport.get_security_options().key_types
    transport.prefer(kinds[-1])
    assert transport.get_security_options().key_types == (kinds[-1], *kinds[:-1])
    assert transport.banner_timeout == 60
    transport.close()


def test_an_exchange_that_ends_without_a_reason_is_a_failure_all_the_same(listening, tmp_path: Path) -> None:
    from paramiko import SSHException

    transport = begun(Link("127.0.0.1", listening.getsockname()[1], tmp_path / "none"))
    transport.close()
    transport.join(10)
    transport.saved_exception = None
    with pytest.raises(SSHException, match=r"^Negotiation failed\.$"):
        transport.start_client(timeout=10)


def test_nobody_logs_in_before_the_keys_are_exchanged(listening, tmp_path: Path) -> None:
    from paramiko import SSHException

    transport = begun(Link("127.0.0.1", listening.getsockname()[1], tmp_path / "none"))
    assert transport.is_active()
    with pytest.raises(SSHException, match=r"^No existing session$"):
        transport.ensure_session()
    transport.close()


def test_the_service_that_logs_in_is_asked_for_once(serve, keys, tmp_path: Path, monkeypatch) -> None:
    transport = begun(Link("127.0.0.1", serve(*keys), tmp_path / "none"))
    transport.start_client(timeout=10)
    sent: list[bytes] = []
    monkeypatch.setattr(transport, "_send_message", lambda message: sent.append(message.asbytes()))
    transport.ensure_session()
    first = transport.auth_handler
    transport.ensure_session()
    assert sent == [b"\x05\x00\x00\x00\x0cssh-userauth"]  # RFC 4253, 10
    assert transport.auth_handler is first is not None
    transport.close()
    with pytest.raises(Exception, match=r"^No existing session$"):
        transport.ensure_session()


def test_where_nobody_listens_nothing_is_taken(listening, tmp_path: Path) -> None:
    port = listening.getsockname()[1]
    listening.close()
    assert begun(Link("127.0.0.1", port, tmp_path / "none")) is None


def test_one_whose_other_side_has_gone_since_is_made_anew(serve, keys, tmp_path: Path) -> None:
    from gpustrap.engine import handshake

    link = Link("127.0.0.1", serve(*keys), tmp_path / "none")
    handshake._begun[link.host, link.port] = shaking = handshake.gevent.spawn(handshake._shake_hands, link)
    transport = shaking.get()
    transport.start_client(timeout=10)
    transport.close()
    transport.join(10)
    assert handshake.take(link.host, link.port) is None


def test_a_connection_that_was_not_answered_is_not_waited_for_again(tmp_path: Path, monkeypatch) -> None:
    def times_out(*_: object) -> None:
        raise TimeoutError("timed out")

    monkeypatch.setattr(Link, "_try", times_out)
    with pytest.raises(TimeoutError, match="timed out"):
        begun(Link("127.0.0.1", 1, tmp_path / "none"))


def test_what_was_begun_is_taken_once(serve, keys, tmp_path: Path, monkeypatch) -> None:
    from gpustrap.engine import handshake
    from gpustrap.laptop import links

    monkeypatch.setattr(handshake, "_begun", {})
    port = serve(*keys)
    assert not handshake.any_begun()
    links.begin("127.0.0.1", port, tmp_path / "none")
    assert handshake.any_begun()
    transport = handshake.take("127.0.0.1", port)
    assert transport is not None
    transport.start_client(timeout=10)
    transport.close()
    assert (handshake.take("127.0.0.1", port), handshake.any_begun()) == (None, False)


def test_the_digest_of_a_packet_is_not_compared_in_python() -> None:
    """Else a run of many instances spends a twentieth of its time on that."""
    import hmac

    from paramiko import packet

    import gpustrap.engine.handshake  # noqa: F401 (it sees to it)

    assert vars(packet)["util"].constant_time_bytes_eq is hmac.compare_digest


@pytest.mark.parametrize(
    ("exchanged", "active", "ended"),
    [(True, True, False), (True, False, True), (False, True, False), (False, False, False)],
)
def test_an_exchange_that_failed_is_taken_so_that_its_reason_is_heard(exchanged, active, ended) -> None:
    from types import SimpleNamespace

    from gpustrap.engine.handshake import Handshake

    made = SimpleNamespace(initial_kex_done=exchanged, is_active=lambda: active)
    assert Handshake.has_ended.fget(made) is ended  # type: ignore[attr-defined]
