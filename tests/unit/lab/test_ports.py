from __future__ import annotations

import socket

import pytest

from gpustrap.errors import InstanceFailed
from gpustrap.lab.ports import PORTS, check_free, free_ports, is_free


@pytest.fixture
def taken():
    """A port of the lab's range that a program listens on."""
    for port in PORTS:
        with socket.socket() as server:
            try:
                server.bind(("127.0.0.1", port))
            except OSError:
                continue
            server.listen()
            yield port
            return


def test_a_port_that_is_listened_on_is_not_free(taken) -> None:
    assert not is_free(taken)
    with pytest.raises(InstanceFailed) as failed:
        check_free("demo", (taken, taken))
    assert str(failed.value) == (
        f"another program uses port {taken} of lab target 'demo'\n"
        "hint: end that program, or `gpustrap lab down demo` and `lab up` for other ports"
    )


def test_two_different_free_ports_are_chosen_and_none_of_a_stopped_box() -> None:
    but = set(PORTS) - {PORTS[0], PORTS[1], PORTS[2]}
    first, second = free_ports(but)
    assert first != second and {first, second} <= {PORTS[0], PORTS[1], PORTS[2]}
