"""One survey to change where it matters, and the settings of built-in roles by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gpustrap import content
from gpustrap.inventory import masking
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`settings("mirrors", pypi="TUNA")`, as hosts.yml would give them."""
    monkeypatch.syspath_prepend(content.builtin_root())

    def of(role: str, values: Any = None, **keys: Any) -> Any:
        return content.role_module(role, "settings").Settings.model_validate(keys if values is None else values)

    return of


@pytest.fixture(autouse=True)
def no_secret_of_another_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets that are read while a test runs are masked in that test only."""
    monkeypatch.setattr(masking, "_known", set())


@pytest.fixture
def survey() -> Survey:
    return Survey(
        os_id="debian", os_version="12", os_codename="bookworm", arch="x86_64", hostname="box", user="root",
        home="/root", shell="/bin/bash", glibc=(2, 36), python=(3, 11, 2), conda=None, kind="container",
        kind_reason="/.dockerenv exists", systemd=False, provider="plain", provider_reason="no trace of a known provider",
        cpus=8.0, memory_bytes=64 * 1024**3, tools={name: f"/usr/bin/{name}" for name in ("apt-get", "python3")},
        apt_sources=("/etc/apt/sources.list.d/debian.sources",),
    )  # fmt: skip


@pytest.fixture
def context() -> Context:
    return Context("trainer", "global")
