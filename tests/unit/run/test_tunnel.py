"""The story of `tunnel`, on a session that stands in for a real one; the real one is tried in the lab."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from gpustrap.errors import InstanceFailed
from gpustrap.run import tunnel


@pytest.fixture
def told(monkeypatch, tmp_path):
    """What happened, in order, while a tunnel to port 8080 was there and its connection was lost."""
    happened = []
    wire = SimpleNamespace(until_lost=lambda: happened.append("waits") or InstanceFailed("lost"))
    session = SimpleNamespace(
        transport="link", connector=SimpleNamespace(wire=wire), close=lambda: happened.append("closed")
    )

    @contextmanager
    def forwarded(link, port, _says):
        happened.append((link, port))
        yield 24800
        happened.append("ended")

    monkeypatch.setattr(tunnel, "connected", lambda *_: session)
    monkeypatch.setattr(tunnel, "forwarded", forwarded)
    why = tunnel.tunnel(SimpleNamespace(name="it"), tmp_path, 8080, happened.append, pytest.fail)
    return str(why), happened


def test_it_lasts_as_long_as_the_connection_and_says_why_that_ended(told):
    assert told == ("lost", [("link", 8080), 24800, "waits", "ended", "closed"])
