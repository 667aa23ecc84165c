"""Service presets: what `services: {NAME: {preset: …}}` stands for."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from gpustrap.catalog.rows import Row, read_rows


class Defaults(BaseModel):
    """What a service has where its settings in hosts.yml say nothing.

    `{port}` in `command` is the service's port. `files` maps a name in the service's folder to its template,
    `needs` are tools that must be on the instance, `wants` the keys that nobody but the person can give (`cwd`,
    `env.TOKEN`), `ready_seconds` how long it may take to get ready. `beside`: two fit on one
    instance, so that a changed one may start beside the one that answers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    command: str
    port: int | None = None
    health: str | None = None
    files: dict[str, str] = Field(default_factory=dict)
    needs: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    ready_seconds: int = 60
    beside: bool = True


class Preset(Row, Defaults):
    """One preset, chosen by its `name`. `run_here`: a test runs the real program; else the row is from its pages."""

    name: str
    run_here: bool = True


@cache
def load_presets() -> dict[str, Preset]:
    """Every preset by name, in file order. Raises CatalogError naming file, line and key of each bad row."""
    return {row.name: row for row in read_rows("presets.jsonl", Preset)}
