"""Which folder is the person's project."""

from __future__ import annotations

from pathlib import Path

import pytest

from gpustrap.errors import BadInput
from gpustrap.inventory.folder import find_project


def test_the_nearest_project_at_or_above_is_found(project: Path) -> None:
    (project / "inventory" / "hosts.yml").touch()
    inner = project / "a" / "b"
    inner.mkdir(parents=True)
    assert find_project(inner) == find_project(project) == project.resolve()


def test_the_variable_wins_over_the_current_directory(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "inventory" / "hosts.yml").touch()
    other = tmp_path / "other"
    (other / "inventory").mkdir(parents=True)
    (other / "inventory" / "hosts.yml").touch()
    monkeypatch.setenv("GPUSTRAP_PROJECT", str(other))
    assert find_project(project) == other.resolve()


def test_a_variable_that_names_no_project_is_refused(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "inventory" / "hosts.yml").touch()
    monkeypatch.setenv("GPUSTRAP_PROJECT", "elsewhere")
    with pytest.raises(BadInput) as refused:
        find_project(project)
    message = "GPUSTRAP_PROJECT: no inventory/hosts.yml in elsewhere\nhint: gpustrap init makes one"
    assert str(refused.value) == message


def test_gpustraps_own_project_is_never_taken_from_elsewhere(project: Path, tmp_path: Path) -> None:
    (tmp_path / "builtin" / "inventory").mkdir()
    (tmp_path / "builtin" / "inventory" / "hosts.yml").touch()
    with pytest.raises(BadInput):
        find_project(project)


def test_without_any_project_init_is_the_way(project: Path) -> None:
    with pytest.raises(BadInput) as refused:
        find_project(project)
    assert str(refused.value) == "no inventory/hosts.yml here or above\nhint: gpustrap init makes a project here"
