"""One survey to change where it matters, the settings of built-in roles by name, a small catalog."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gpustrap import content
from gpustrap.catalog import rows
from gpustrap.catalog.cards import load_cards
from gpustrap.catalog.exposed import load_exposed
from gpustrap.catalog.listeners import load_listeners
from gpustrap.catalog.mirrors import load_mirrors
from gpustrap.catalog.presets import load_presets
from gpustrap.catalog.providers import load_providers
from gpustrap.catalog.torch import load_catalog
from gpustrap.catalog.uv import load_uv_wheels
from gpustrap.inventory import masking
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context
from surveyed import DEBIAN

SMALL = Path(__file__).parent / "small_catalog"
FROZEN = Path(__file__).parents[1] / "frozen" / "catalog"
TOOLS = "awk base64 cat cut date env getent grep head mkdir mktemp mv rm sed sha256sum sh sleep tail timeout tr true wc".split()
LOADERS = (
    load_cards,
    load_catalog,
    load_exposed,
    load_listeners,
    load_mirrors,
    load_presets,
    load_providers,
    load_uv_wheels,
)


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
def no_role_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Roles that other tests have loaded, some of their own by the names of built-in ones, are loaded anew."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "roles"]:
        monkeypatch.delitem(sys.modules, name)


@pytest.fixture
def survey() -> Survey:
    return replace(
        DEBIAN,
        tools={name: f"/usr/bin/{name}" for name in ("apt-get", "python3")},
        apt_sources=("/etc/apt/sources.list.d/debian.sources",),
    )


@pytest.fixture
def context() -> Context:
    return Context("trainer", "global")


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """`tables(folder)`: from here on the catalog is what is in that folder, until the test ends."""

    def use(folder: Path) -> None:
        monkeypatch.setattr(rows, "DATA", folder)
        forget_tables()

    yield use
    monkeypatch.undo()
    forget_tables()


@pytest.fixture
def small_catalog(tables: Callable[[Path], None]) -> None:
    """Few rows of each table, as they were on 2026-11-25: a row that is added to the catalog changes no answer."""
    tables(SMALL)


@pytest.fixture
def frozen_catalog(tables: Callable[[Path], None]) -> None:
    """More rows about torch and cards than in `small_catalog`, as they were on 2026-11-25, for tables of cases."""
    tables(FROZEN)


def forget_tables() -> None:
    for load in LOADERS:
        load.cache_clear()


@pytest.fixture(scope="session")
def only(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """`only("curl")`: a PATH on which a box's usual tools are, and of what can ask the net only these."""

    def path(*programs: str) -> str:
        folder = tmp_path_factory.mktemp("path")
        for tool in [*TOOLS, *programs]:
            found = shutil.which(tool) if tool != "python3" else sys.executable
            (folder / tool).symlink_to(Path(str(found)).resolve())
        return str(folder)

    return path
