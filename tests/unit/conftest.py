"""One survey to change where it matters, and the settings of built-in roles by name."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gpustrap import content
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`settings("mirrors", pypi="TUNA")`, as hosts.yml would give them."""
    monkeypatch.syspath_prepend(content.builtin_root())

    def of(role: str, values: Any = None, **keys: Any) -> Any:
        return content.role_module(role, "settings").Settings.model_validate(keys if values is None else values)

    return of


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


@pytest.fixture
def frozen_catalog() -> Iterator[None]:
    """The tables of tests/frozen/catalog in place of the live ones: a row that is added there changes no answer."""
    file = Path(__file__).parents[1] / "frozen" / "catalog.py"
    spec = importlib.util.spec_from_file_location("frozen_catalog", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with module.frozen():
        yield
