"""A lab target has an entry while it runs; one that does not is said and left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gpustrap.errors import NotRunning
from gpustrap.inventory.hosts import read_hosts
from gpustrap.lab.login import LabTarget
from gpustrap.run import ssh_entries


def test_what_does_not_run_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPUSTRAP_HOME", str(tmp_path / "own"))
    text = "defaults: {roles: [base]}\ninstances:\n  up: {lab: debian-12}\n  off: {lab: debian-12}\n  it: {ssh: me@h}\n"
    box = LabTarget(
        "up", tmp_path, "debian-12", None, "root", "127.0.0.1", 2201, 1, tmp_path / "a key", tmp_path / "known"
    )

    def running(name: str, _project: Any) -> LabTarget:
        if name == "off":
            raise NotRunning("the lab target is stopped", "`gpustrap lab up off` starts it", "started")
        return box

    monkeypatch.setattr(ssh_entries, "running_box", running)
    said: list[str] = []
    hosts = read_hosts(tmp_path, text)
    found = ssh_entries.entries(tuple(hosts.instances.values()), tmp_path, said.append)
    assert list(found) == ["up", "it"]
    assert f'    IdentityFile "{tmp_path}/a key"\n' in found["up"]
    assert "    StrictHostKeyChecking yes\n" in found["up"] and "    StrictHostKeyChecking accept-new\n" in found["it"]
    assert said == ["off: the lab target is stopped, so it has no entry (`gpustrap lab up off` starts it)"]
