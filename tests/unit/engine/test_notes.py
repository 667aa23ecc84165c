from __future__ import annotations

from types import SimpleNamespace

import pytest
from pyinfra.context import ctx_host

from gpustrap.engine.notes import (
    DIFF,
    belongs,
    downloads_of,
    forget,
    forget_one,
    note,
    note_download,
    note_restart,
    noted,
    restart_of,
    role_in_turn,
    shows_lines,
)
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


@pytest.mark.parametrize("drop", [forget, lambda data: forget_one(data, "one")], ids=["all", "one"])
def test_what_was_noted_in_a_rehearsal_is_dropped_and_whose_operation_it_is_stays(host, drop) -> None:
    drop(host.connector_data)  # nothing was noted yet
    belongs(host.connector_data, "one", "web")
    note("a")
    note_download(Download(7, "pypi"))
    note_restart("its environment changes")
    note_restart("its files change")

    def all_of_it():
        return tuple(of(host.connector_data, "one") for of in (noted, downloads_of, restart_of))

    assert all_of_it() == (("a",), (Download(7, "pypi"),), "its files change")
    drop(host.connector_data)
    assert all_of_it() == ((), (), "")
    assert role_in_turn() == "web"
    host.current_op_hash = "two"
    assert (role_in_turn(), restart_of(host.connector_data, "two")) == ("", "")


@pytest.mark.parametrize("wanted", [True, False, None])
def test_whether_a_person_wants_to_see_lines(host, wanted) -> None:
    if wanted is not None:
        host.connector_data[DIFF] = wanted
    assert shows_lines() is bool(wanted)
