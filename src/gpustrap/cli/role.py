"""`gpustrap role`: roles of one's own."""

from __future__ import annotations

from typing import Annotated

import typer

from gpustrap.language import tr

app = typer.Typer(no_args_is_help=True, help="Roles of your own.")


@app.callback()
def options() -> None:
    """Roles of your own."""


@app.command()
def new(name: Annotated[str, typer.Argument(help="Letters, digits and underscores.")]) -> None:
    """Write a role that works, to be changed: settings, tasks, what it promises, and a template."""
    from gpustrap.inventory.document import displayed
    from gpustrap.inventory.new_role import write_role
    from gpustrap.inventory.project import own_project

    for file in write_role(own_project(), name):
        typer.echo(tr("wrote {file}", file=displayed(file)))
    typer.echo(tr("next: add {name} to `roles` in inventory/hosts.yml, then `gpustrap plan`", name=name))
