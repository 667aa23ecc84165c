from __future__ import annotations

from pathlib import Path

import pytest

from gpustrap.cli.options import instance_names


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("instances: {a1: {lab: x}, b: {}, a2: {nonsense: 1}}", ["a1", "a2"]),
        ("instances: [a1]", ["a1"]),
        ("instances: {a1: {lab: x}, a1: {}}", []),
        ("instances: [", []),
        ("- a1", []),
        ("", []),
    ],
)
def test_names_are_offered_where_they_can_be_read(project: Path, written, names):
    (project / "inventory" / "hosts.yml").write_text(written)
    assert instance_names("a") == names


def test_without_a_file_no_name_is_offered(project: Path, monkeypatch):
    monkeypatch.setenv("GPUSTRAP_PROJECT", str(project / "roles"))
    assert instance_names("") == []
