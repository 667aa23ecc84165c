from __future__ import annotations

from types import SimpleNamespace

import pytest
from pyinfra.context import ctx_host

from gpustrap.engine.notes import forget_one, note, noted


@pytest.fixture
def host():
    host = SimpleNamespace(connector_data={}, current_op_hash="one")
    with ctx_host.use(host):
        yield host


def test_each_operation_has_its_own_lines_in_order(host) -> None:
    note("a")
    note("b")
    host.current_op_hash = "two"
    note("c")
    assert noted(host.connector_data, "one") == ("a", "b")
    assert noted(host.connector_data, "two") == ("c",)
    assert noted(host.connector_data, "three") == ()


def test_an_operation_looked_at_and_then_run_has_each_line_once(host) -> None:
    note("a")
    note("b")
    note("a")
    note("b")
    assert noted(host.connector_data, "one") == ("a", "b")


def test_what_was_noted_for_one_operation_can_be_dropped_alone(host) -> None:
    note("a")
    host.current_op_hash = "two"
    note("b")
    forget_one(host.connector_data, "one")
    forget_one(host.connector_data, "never noted")
    assert (noted(host.connector_data, "one"), noted(host.connector_data, "two")) == ((), ("b",))
