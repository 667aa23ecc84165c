"""The built-in roles and templates, and one survey to change where it matters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gpustrap import content
from gpustrap.resolve.box.survey import Survey


@pytest.fixture(autouse=True)
def builtin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Templates come from the built-in content only, unless a test names a project."""
    from gpustrap.engine import templates  # not before tests/conftest.py has been heard

    monkeypatch.syspath_prepend(content.builtin_root())
    templates.use_project(content.builtin_root())
    yield
    templates.use_project(Path())


@pytest.fixture
def survey() -> Survey:
    return Survey(
        os_id="debian",
        os_version="12",
        os_codename="bookworm",
        arch="x86_64",
        hostname="box",
        user="root",
        home="/root",
        shell="/bin/bash",
        glibc=(2, 36),
        python=(3, 11, 2),
        conda=None,
        kind="container",
        kind_reason="/.dockerenv exists",
        systemd=False,
        provider="plain",
        provider_reason="no trace of a known provider",
        cpus=8.0,
        memory_bytes=64 * 1024**3,
    )
