from __future__ import annotations

import gc
from pathlib import Path

import pytest

from gpustrap.inventory.instance import Instance
from gpustrap.inventory.paste import parse_ssh
from gpustrap.laptop import links
from gpustrap.run.early import connect_again, connect_early

OWN = """\
Host named
  HostName 10.0.0.7
  Port 2222
Host behind
  ProxyJump other
Host piped
  ProxyCommand nc %h %p
Host odd
  Port http
Host tokens
  HostName %h.lan
"""


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GPUSTRAP_HOME", str(tmp_path / "gpustrap"))
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh/config").write_text(OWN)
    heard: list[tuple[str, int]] = []
    monkeypatch.setattr(links, "begin", lambda host, port, _known: heard.append((host, port)))
    return heard


@pytest.mark.parametrize(
    ("command", "where"),
    [
        ("ssh root@10.0.0.1", [("10.0.0.1", 22)]),
        ("ssh -p 28123 root@i-1.gpushare.com", [("i-1.gpushare.com", 28123)]),
        ("ssh -o StrictHostKeyChecking=no root@10.0.0.1", [("10.0.0.1", 22)]),
        ("ssh named", [("10.0.0.7", 2222)]),
        ("ssh -p 1 named", [("10.0.0.7", 1)]),
        ("ssh -J other root@10.0.0.1", []),
        ("ssh -o ProxyCommand='nc %h %p' root@10.0.0.1", []),
        ("ssh -o hostname=10.0.0.2 box", []),
        ("ssh -4 box", []),
        ("ssh behind", []),
        ("ssh piped", []),
        ("ssh odd", []),
        ("ssh tokens", []),
    ],
)
def test_a_connection_is_begun_to_what_is_reached_straight(begun, tmp_path, command, where) -> None:
    connect_early([Instance("box", parse_ssh(command), None, None, "cn", (), {})], tmp_path)
    assert begun == where


def test_a_lab_box_is_reached_once_it_runs(begun, tmp_path) -> None:
    connect_early([Instance("box", None, "debian-12", None, "cn", (), {})], tmp_path)
    assert begun == []


def test_the_next_run_begins_them_before_it_has_read_hosts_yml(begun, tmp_path, monkeypatch) -> None:
    project = tmp_path / "project"
    (project / "inventory").mkdir(parents=True)
    (project / "inventory/hosts.yml").touch()
    monkeypatch.chdir(project / "inventory")
    connect_again((), None)
    assert begun == []
    connect_early([Instance("box", parse_ssh("ssh root@10.0.0.1"), None, None, "cn", (), {})], project)
    begun.clear()
    connect_again(("other",), None)
    assert begun == []
    connect_again((), None)
    assert begun == [("10.0.0.1", 22)]


def test_where_there_is_no_project_none_is_begun(begun, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    connect_again((), None)
    assert begun == []


def test_what_is_here_before_the_engine_is_not_looked_through_for_locks(begun, tmp_path) -> None:
    gc.unfreeze()
    try:
        connect_early([], tmp_path)
        assert not any(one is begun for one in gc.get_objects())
    finally:
        gc.unfreeze()
    assert any(one is begun for one in gc.get_objects())
