"""The catalog as it was on 2026-11-25, cut down: what is asked of it has the same answer when a row is added."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gpustrap.catalog import rows
from gpustrap.catalog.cards import load_cards
from gpustrap.catalog.mirrors import load_mirrors
from gpustrap.catalog.torch import load_catalog

FOLDER = Path(__file__).parent / "catalog"
LOADERS = (load_cards, load_catalog, load_mirrors)


@contextmanager
def frozen() -> Iterator[None]:
    """Until the end, cards, mirrors and all about torch are read from the frozen tables."""
    live = rows.DATA
    _use(FOLDER)
    try:
        yield
    finally:
        _use(live)


def _use(folder: Path) -> None:
    rows.DATA = folder
    for load in LOADERS:
        load.cache_clear()
