"""What holds for the rows of all tables alike."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date

import pytest

from gpustrap.catalog import rows
from gpustrap.catalog.cards import load_cards
from gpustrap.catalog.exposed import load_exposed
from gpustrap.catalog.listeners import load_listeners
from gpustrap.catalog.mirrors import load_mirrors
from gpustrap.catalog.presets import load_presets
from gpustrap.catalog.providers import load_providers
from gpustrap.catalog.torch import load_catalog
from gpustrap.catalog.uv import load_uv_wheels

FILES = sorted(rows.DATA.iterdir())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_row_stands_once_and_was_read_on_a_day_that_has_been(file):
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines and [line for line, times in Counter(lines).items() if times > 1] == []
    assert max(date.fromisoformat(json.loads(line)["read"]) for line in lines) <= date.today()


def test_every_file_is_a_table_that_is_read():
    catalog = load_catalog()
    tables = [
        load_cards(),
        load_exposed(),
        load_listeners(),
        load_mirrors(),
        load_presets(),
        load_providers(),
        load_uv_wheels(),
        *vars(catalog).values(),
    ]
    read = sum(map(len, tables))
    assert read == sum(len(file.read_text(encoding="utf-8").splitlines()) for file in FILES)
