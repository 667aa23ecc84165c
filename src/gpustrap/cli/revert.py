"""`gpustrap revert`: the way back."""

from __future__ import annotations

from typing import Annotated

import typer

from gpustrap.cli.options import Color, Diff, Json, Limit, Names, NewKey, NoReplay, Quiet, Roles, TakeOver, Verbose, Yes
from gpustrap.cli.up import Arguments, Screen, failed, run

Plan = Annotated[bool, typer.Option("--plan", help="Show what would be given back, and change nothing.")]


def revert(
    names: Names = None,
    plan: Plan = False,
    yes: Yes = False,
    roles: Roles = None,
    limit: Limit = None,
    json: Json = False,
    no_replay: NoReplay = False,
    accept_new_key: NewKey = False,
    take_over: TakeOver = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Color = "auto",
    diff: Diff = False,
) -> None:
    """Take back what `up` did, and say what stays.

    What stood in a file before comes back byte for byte, services end. Packages stay, and what others have changed.

    Exit code: 0 · 1 an instance failed · 2 bad input · 3 with --plan: there is something to give back.
    """
    screen = Screen(quiet, verbose, color, diff)
    given = Arguments(names or [], roles, limit, json, not no_replay, accept_new_key, yes, take_over, screen)
    results = run("revert --plan" if plan else "revert", given)
    pending = plan and any(result.changed for result in results.values())
    raise typer.Exit(failed(results) or (3 if pending else 0))
