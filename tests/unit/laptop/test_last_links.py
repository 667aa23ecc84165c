"""Connections that are begun as the last run had them, before hosts.yml is read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gpustrap.laptop import last_links, links

KNOWN = Path("known_hosts")
WAYS = {"a": ("10.0.0.1", 22, KNOWN), "b": ("10.0.0.2", 2222, KNOWN)}


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, Path]]:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GPUSTRAP_HOME", str(tmp_path / "gpustrap"))
    (tmp_path / ".ssh").mkdir()
    (tmp_path / "hosts.yml").write_text("instances: {}\n")
    heard: list[tuple[str, int, Path]] = []
    monkeypatch.setattr(links, "begin", lambda *way: heard.append(way))
    return heard


def begin(folder: Path, *names: str) -> None:
    last_links.begin_last(folder, folder / "hosts.yml", names)


def remember(folder: Path, ways: last_links.Ways) -> None:
    last_links.remember(folder, folder / "hosts.yml", ways)


@pytest.mark.parametrize(("names", "begins"), [((), "ab"), (("b",), "b"), (("c",), ""), (("ssh root@10.0.0.1",), "")])
def test_they_are_begun_for_those_that_are_named(begun, tmp_path, names, begins) -> None:
    remember(tmp_path, WAYS)
    begin(tmp_path, *names)
    assert begun == [WAYS[name] for name in begins]


def test_a_run_with_one_instance_forgets_no_other(begun, tmp_path) -> None:
    remember(tmp_path, WAYS)
    remember(tmp_path, {"a": ("10.0.0.9", 22, KNOWN)})
    begin(tmp_path)
    assert begun == [("10.0.0.9", 22, KNOWN), WAYS["b"]]


def test_none_is_begun_where_hosts_yml_is_another_now(begun, tmp_path) -> None:
    remember(tmp_path, WAYS)
    (tmp_path / "hosts.yml").write_text("instances: {a: }\n")
    begin(tmp_path)
    assert begun == []
    remember(tmp_path, {"b": WAYS["b"]})
    begin(tmp_path)
    assert begun == [WAYS["b"]]


def test_none_is_begun_where_ssh_config_is_another_now(begun, tmp_path) -> None:
    remember(tmp_path, WAYS)
    (tmp_path / ".ssh/config").write_text("Host *\n  Port 23\n")
    begin(tmp_path)
    assert begun == []


@pytest.mark.parametrize("kept", ["", "[]", "1", '{"files": 0}', '{"files": [], "ways": {"a": 1}}', "\0"])
def test_a_memory_that_is_broken_is_none(begun, tmp_path, kept) -> None:
    remember(tmp_path, WAYS)
    (file,) = (tmp_path / "gpustrap").glob("links-*.json")
    assert file.stat().st_mode & 0o777 == 0o600
    file.write_text(kept)
    begin(tmp_path)
    remember(tmp_path, WAYS)
    begin(tmp_path)
    assert begun == [*WAYS.values()]


def test_a_project_that_was_never_run_has_none(begun, tmp_path) -> None:
    begin(tmp_path)
    assert begun == []


def test_what_has_not_changed_is_not_written_again(begun, tmp_path) -> None:
    remember(tmp_path, WAYS)
    (file,) = (tmp_path / "gpustrap").glob("links-*.json")
    os.utime(file, (1, 1))
    remember(tmp_path, WAYS)
    assert file.stat().st_mtime == 1
