from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from gpustrap import content
from gpustrap.catalog.presets import Preset, load_presets


def test_hello_listens_where_providers_let_a_port_out() -> None:
    hello = load_presets()["hello"]
    assert (hello.port, hello.health, hello.needs) == (8080, "/ping", ("python3",))


@pytest.mark.parametrize("preset", load_presets().items(), ids=lambda item: item[0])
def test_every_preset_is_whole(preset: tuple[str, Preset]) -> None:
    _, row = preset
    templates = content.builtin_root() / "templates"
    assert row.command.strip()
    assert row.port is not None or (row.health is None and "{port}" not in row.command)
    assert row.health is None or row.health.startswith("/")
    assert [src for src in row.files.values() if not (templates / src).is_file()] == []
    assert [name for name in row.files if "/" in name or name in ("run", "command", "env")] == []


@pytest.mark.parametrize("row", [{}, {"command": "x", "prot": 1}, {"command": "x", "port": "high"}], ids=str)
def test_a_bad_preset_fails_the_load(row: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(dict[str, Preset]).validate_python({"x": row})
