"""The story of `tunnel`, on a session that stands in for a real one; the real one is tried in the lab."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from gpustrap.engine.batch import Answer
from gpustrap.errors import InstanceFailed
from gpustrap.run import tunnel

LISTENING = (
    "socket\ttcp\t0100007F:1FFC\t9\troot\t/x\tapp\tx\nsocket\ttcp\t0100007F:1FFB\t9\troot\t/x\tapp\tx\n"
    "socket\tudp\t0100007F:0001\t9\troot\t/x\tapp\tx\nsocket\ttcp\t00000000:0016\t9\troot\t/x\t-\tx\nwhole\n"
)


@pytest.fixture
def told(monkeypatch, tmp_path):
    """`told(service, port, listening)`: what happened, in order, while it was there and its connection was lost."""

    def happens(service="app", port=None, listening=LISTENING):
        happened = []
        wire = SimpleNamespace(until_lost=lambda: happened.append("waits") or InstanceFailed("lost"))
        answer = Answer(0, listening.encode(), b"")
        connector = SimpleNamespace(wire=wire, ask=lambda commands: dict.fromkeys(commands, answer))
        session = SimpleNamespace(transport="link", connector=connector, close=lambda: happened.append("closed"))

        @contextmanager
        def forwarded(link, there, _says):
            happened.append((link, there))
            yield 24800
            happened.append("ended")

        monkeypatch.setattr(tunnel, "connected", lambda *_: session)
        monkeypatch.setattr(tunnel, "forwarded", forwarded)
        it = SimpleNamespace(name="it")
        why = tunnel.tunnel(it, tmp_path, service, port, lambda *ports: happened.append(ports), pytest.fail)
        return str(why), happened

    return happens


def test_it_lasts_as_long_as_the_connection_and_says_why_that_ended(told):
    assert told(port=8080) == ("lost", [("link", 8080), (24800, 8080), "waits", "ended", "closed"])


def test_without_a_port_it_is_the_lowest_that_the_service_listens_on(told):
    assert told()[1][:2] == [("link", 8187), (24800, 8187)]


@pytest.mark.parametrize(("service", "listening"), [("other", LISTENING), ("app", "")])
def test_a_service_that_listens_nowhere_is_said(told, service, listening):
    with pytest.raises(InstanceFailed) as failed:
        told(service, None, listening)
    assert str(failed.value) == (
        f"tunnel: {service} listens on no port now\nhint: `--port N` says which port of the instance is meant"
    )
