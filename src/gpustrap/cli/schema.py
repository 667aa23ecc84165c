"""`gpustrap schema`: what hosts.yml may hold, for editors."""

from __future__ import annotations

from pathlib import Path

import typer


def schema() -> None:
    """Print the JSON Schema of hosts.yml, own roles included.

    An editor that knows YAML checks and completes the file when its first line is
    `# yaml-language-server: $schema=PATH`.
    """
    import json

    from gpustrap.inventory.schema import hosts_schema

    typer.echo(json.dumps(hosts_schema(_project()), indent=2, ensure_ascii=False))


def _project() -> Path:
    """The project here, else the built-in content alone: a schema needs no hosts.yml."""
    from gpustrap import content
    from gpustrap.errors import BadInput
    from gpustrap.inventory.hosts import find_project

    try:
        return find_project(Path.cwd())
    except BadInput:
        return content.builtin_root()
