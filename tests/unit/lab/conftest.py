from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def lab_home(tmp_path, monkeypatch):
    """A lab folder of the test's own."""
    monkeypatch.setenv("GPUSTRAP_LAB_HOME", str(tmp_path / "lab"))
    return tmp_path / "lab"


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """`programs(podman="echo hi")` puts shell scripts on PATH, before all else, or `only` them."""

    def put(only: bool = False, **scripts: str) -> None:
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        for name, script in scripts.items():
            program = folder / name.replace("_", "-")
            program.write_text(f"#!/bin/sh\n{script}\n")
            program.chmod(0o755)
        path = str(folder) if only else f"{folder}:/usr/bin:/bin"
        monkeypatch.setenv("PATH", path)
        monkeypatch.setattr("gpustrap.lab.requirements.search_path", lambda: path)

    return put
