from __future__ import annotations

import pytest

from gpustrap import content
from gpustrap.catalog.presets import load_presets
from gpustrap.reference.catalog import catalog_page

PAGE = catalog_page()
OURS = ("run", "command", "env")  # files that every service's folder has


@pytest.mark.parametrize("preset", load_presets().values(), ids=lambda preset: preset.name)
def test_every_preset_is_whole(preset):
    templates = content.builtin_root() / "templates"
    assert preset.command.strip()
    assert preset.port is not None or (preset.health is None and "{port}" not in preset.command)
    assert preset.port is None or 0 < preset.port < 65536
    assert preset.health is None or preset.health.startswith("/")
    assert [source for source in preset.files.values() if not (templates / source).is_file()] == []
    assert [name for name in preset.files if "/" in name or name in OURS] == []
    assert f"| `{preset.name}`{'' if preset.run_here else ' °'} " in PAGE
