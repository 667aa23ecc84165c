"""`gpustrap catalog refresh`: what the package index serves that the catalog does not know."""

from __future__ import annotations

from typing import Annotated

import typer

from gpustrap.cli.output import print_json, say
from gpustrap.language import tr

app = typer.Typer(no_args_is_help=True, help="The tables that decisions rest on.")


@app.callback()
def options() -> None:
    """The tables that decisions rest on."""


@app.command()
def refresh(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Ask the package index, as pip is configured, which torch it serves; show the difference, write nothing.

    Exit code: 0 no difference · 1 there is one, or the index did not answer.
    """
    from gpustrap.catalog.refresh import difference, read_index
    from gpustrap.catalog.torch import load_catalog

    catalog = load_catalog()
    lines = difference(catalog, read_index(catalog))
    if as_json:
        print_json({"ok": not lines, "difference": lines})
    else:
        say("\n".join(lines) or tr("the catalog knows all that the index serves"))
    raise typer.Exit(1 if lines else 0)
