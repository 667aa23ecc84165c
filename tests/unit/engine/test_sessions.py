"""A fake client whose server allows so many sessions at a time, and is asked for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gevent
import pytest
from paramiko import ChannelException, SSHException


class Server:
    """Stands for paramiko's client and transport. `told` is what it was asked, in order."""

    def __init__(self, most: int = 10):
        self.most = most
        self.told: list[str] = []
        self.open: list[Session] = []
        self.lost: Exception | None = None
        self.gone = False

    def get_transport(self) -> Server | None:
        return None if self.gone else self

    def open_session(self) -> Session:
        gevent.sleep(0)  # a round trip
        if self.lost is not None:
            raise self.lost
        if len(self.open) >= self.most:
            self.told.append("refused")
            raise ChannelException(1, "Administratively prohibited")
        self.told.append("open")
        self.open.append(Session(self))
        return self.open[-1]


class Session:
    def __init__(self, server: Server):
        self.server, self.ended, self.stdin = server, False, b""
        self.pieces: list[int] = []

    def exec_command(self, request: str) -> None:
        if self.ended:
            raise SSHException("Channel closed.")
        self.server.told.append(request)
        gevent.sleep(0)  # a round trip
        self.stdin_when_accepted = self.stdin

    def sendall(self, data: bytes) -> None:
        self.stdin += data
        self.pieces.append(len(data))

    def shutdown_write(self) -> None:
        self.stdin += b"<end>"

    def close(self) -> None:
        self.server.open.remove(self)


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> Callable[[Server], Any]:
    from gpustrap.engine import sessions as module

    monkeypatch.setattr(module, "SESSION_PAUSES", (0, 0))
    return lambda server: module.Sessions(server)  # type: ignore[arg-type]


def one_after_another(ours: Any, *requests: str) -> None:
    for request in requests:
        channel = ours.start(request, b"")
        gevent.sleep(0.01)  # it is answered
        channel.close()
        ours.open_ahead()


def test_the_session_of_the_next_command_is_open_before_it_is_asked(sessions) -> None:
    server = Server()
    one_after_another(sessions(server), "one", "two", "three")
    gevent.sleep(0.01)
    assert server.told == ["open", "one", "open", "two", "open", "three", "open"]
    assert len(server.open) == 1


def test_what_goes_to_stdin_does_not_wait_until_the_command_is_accepted(sessions) -> None:
    ours = sessions(Server())
    assert ours.start("one", b"given").stdin_when_accepted == b"given<end>"
    assert ours.start("two", b"").stdin_when_accepted == b"<end>"


def test_much_goes_to_stdin_in_pieces_and_whole(sessions) -> None:
    from gpustrap.engine.sessions import SEND_BYTES

    given = bytes(range(256)) * (SEND_BYTES // 128) + b"rest"
    channel = sessions(Server()).start("one", given)
    assert (channel.stdin, channel.pieces) == (given + b"<end>", [SEND_BYTES, SEND_BYTES, 4])


def test_a_single_command_has_no_session_beside_it(sessions) -> None:
    server = Server()
    sessions(server).start("one", b"")
    gevent.sleep(0.01)
    assert server.told == ["open", "one"]


def test_where_one_at_a_time_is_allowed_no_second_one_is_asked_for_again(sessions) -> None:
    server = Server(most=1)
    one_after_another(sessions(server), "one", "two", "three", "four")
    assert server.told.count("refused") == 1
    assert [word for word in server.told if word not in ("open", "refused")] == ["one", "two", "three", "four"]
    assert len(server.open) == 0


def test_a_session_that_ended_while_it_was_idle_is_replaced(sessions) -> None:
    server = Server()
    ours = sessions(server)
    one_after_another(ours, "one")
    gevent.sleep(0.01)
    idle = server.open.pop()
    idle.ended = True
    channel = ours.start("two", b"given")
    gevent.sleep(0.01)
    assert (channel.stdin_when_accepted, idle.stdin) == (b"given<end>", b"")
    channel.close()
    ours.open_ahead()
    one_after_another(ours, "three")
    assert server.told == ["open", "one", "open", "open", "two", "open", "three"]  # and none ahead any more


@pytest.mark.parametrize("kind", [EOFError, OSError, SSHException])
def test_a_connection_that_is_lost_meanwhile_is_said_by_the_next_command(sessions, monkeypatch, kind) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(gevent.get_hub(), "handle_error", lambda *told: shown.append(told))
    server = Server()
    ours = sessions(server)
    server.lost = kind("cut")
    ours.open_ahead()
    gevent.sleep(0.01)
    with pytest.raises(kind, match="cut"):
        ours.start("one", b"")
    assert shown == []
    server.gone = True
    with pytest.raises(SSHException, match=r"^the connection is closed$"):
        ours.start("one", b"")


def test_between_two_tries_for_a_session_it_waits_longer_each_time(sessions, monkeypatch) -> None:
    from gpustrap.engine import sessions as module

    assert sum(module.SESSION_PAUSES) == 0
    paused: list[float] = []
    server = Server(most=0)
    ours = sessions(server)
    monkeypatch.setattr(module, "SESSION_PAUSES", (1, 2, 3))
    monkeypatch.setattr(module.gevent, "sleep", lambda seconds: paused.append(seconds) if seconds else None)
    with pytest.raises(ChannelException):
        ours.start("one", b"")
    assert (paused, server.told) == ([1, 2, 3], ["refused"] * 4)


def test_the_pauses_are_a_second_and_a_half_in_all() -> None:
    from gpustrap.engine.sessions import SESSION_PAUSES

    assert SESSION_PAUSES == (0.05, 0.1, 0.2, 0.4, 0.8)


def test_what_is_closed_waits_for_no_session(sessions) -> None:
    server = Server()
    ours = sessions(server)
    ours.close()
    ours.open_ahead()
    ours.close()
    gevent.sleep(0.01)
    assert server.told == []
