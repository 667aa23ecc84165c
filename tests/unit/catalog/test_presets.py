from __future__ import annotations

import json
from pathlib import Path

import pytest

from gpustrap.catalog.presets import Defaults, load_presets
from gpustrap.catalog.rows import CatalogError

ROW = {"name": "x", "command": "serve {port}", "port": 8080, "source": "a page", "read": "2026-11-25"}


def test_presets_come_by_name_with_what_a_service_has_then(tables, tmp_path: Path) -> None:
    (tmp_path / "presets.jsonl").write_text(f"{json.dumps(ROW)}\n")
    tables(tmp_path)
    [(name, preset)] = load_presets().items()
    assert (name, preset.command, preset.port, preset.health, preset.needs) == ("x", "serve {port}", 8080, None, ())
    assert isinstance(preset, Defaults)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"prot": 1}, "prot: Extra inputs are not permitted"),
        ({"port": "high"}, "port: Input should be a valid integer, unable to parse string as an integer"),
        ({"source": ""}, "source: String should have at least 1 character"),
    ],
)
def test_a_bad_preset_fails_the_load(tables, tmp_path: Path, change: dict[str, object], fault: str) -> None:
    (tmp_path / "presets.jsonl").write_text(f"{json.dumps(ROW | change)}\n")
    tables(tmp_path)
    with pytest.raises(CatalogError) as raised:
        load_presets()
    assert str(raised.value) == f"presets.jsonl:1: {fault}"
