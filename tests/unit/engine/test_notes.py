from __future__ import annotations

from types import SimpleNamespace

import pytest
from pyinfra.context import ctx_host

from gpustrap.engine.notes import downloads_of, forget_one, note, note_download, noted
from gpustrap.resolve.download import Download


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


def test_what_an_operation_downloads_is_kept_beside_its_lines(host) -> None:
    note_download(Download(7, "pypi"))
    note_download(Download(7, "pypi"))
    assert downloads_of(host.connector_data, "one") == (Download(7, "pypi"),)
    assert downloads_of(host.connector_data, "two") == () == noted(host.connector_data, "one")
    forget_one(host.connector_data, "one")
    assert downloads_of(host.connector_data, "one") == ()
