"""All of these tests ask the frozen catalog."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def frozen(frozen_catalog: None) -> None:
    """Rows that are added to the live catalog change nothing here."""
