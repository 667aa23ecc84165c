"""A project of the built-in roles in a directory of its own, which is the current one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gpustrap.inventory.edit import init_project

HOSTS = """\
defaults:
  roles: [services]
instances:
  demo:
    lab: debian-12
    services:
      web: {preset: hello}
  trainer:
    ssh: ssh -p 28123 -o Compression=yes root@i-1.gpushare.com
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project's folder. gpustrap's own folder is `own %home` beside it."""
    folder = tmp_path / "project"
    init_project(folder)
    (folder / "inventory" / "hosts.yml").write_text(HOSTS)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("GPUSTRAP_HOME", str(tmp_path / "own %home"))
    monkeypatch.delenv("GPUSTRAP_PROJECT", raising=False)
    monkeypatch.chdir(folder)
    return folder
