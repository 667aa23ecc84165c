"""Service presets: the rows of services.yaml, typed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class Preset(BaseModel):
    """What a preset sets. `files` maps a name in the service's folder to its template."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    command: str
    port: int | None = None
    health: str | None = None
    files: dict[str, str] = Field(default_factory=dict)
    needs: tuple[str, ...] = ()


@cache
def load_presets() -> dict[str, Preset]:
    """Every preset by name, in file order."""
    from ruamel.yaml import YAML

    rows = YAML(typ="safe", pure=True).load(Path(__file__).with_name("services.yaml").read_text(encoding="utf-8"))
    return TypeAdapter(dict[str, Preset]).validate_python(rows)
