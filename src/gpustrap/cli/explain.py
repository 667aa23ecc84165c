"""`gpustrap explain`: what is decided for each instance, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from gpustrap.cli.instances import failure_json
from gpustrap.cli.options import Json, Measure, NoReplay, instance_names
from gpustrap.cli.output import print_json, say
from gpustrap.language import tr

if TYPE_CHECKING:
    from gpustrap.run.report import Result

Instance = Annotated[
    str | None,
    typer.Argument(
        metavar="INSTANCE",
        help='A name in hosts.yml, or a pasted "ssh -p PORT root@HOST". Default: all.',
        autocompletion=instance_names,
    ),
]
Role = Annotated[str | None, typer.Argument(metavar="ROLE", help="Only this role. Default: all.")]


def explain(
    instance: Instance = None,
    role: Role = None,
    json: Json = False,
    no_replay: NoReplay = False,
    measure: Measure = False,
) -> None:
    """Show what is decided for each role, and why. Asks what the instance is, and changes nothing.

    Exit code: 0 all is decided · 1 an instance cannot be reached or a role not be decided · 2 bad input.
    """
    from gpustrap.cli.selection import chosen

    project, instances, roles = chosen(
        [instance] if instance else [], [role] if role else None, None, roles_from="ROLE"
    )
    from gpustrap.engine import greenlets
    from gpustrap.run.explain import explain
    from gpustrap.run.work import Options
    from gpustrap.ui.console import Lines

    with Lines() as lines:
        greenlets.hush()
        results = explain(instances, project, Options(replay=not no_replay, roles=roles, measure=measure), lines)
    if json:
        print_json({"instances": {name: as_json(result) for name, result in results.items()}})
    elif said := text(results, role):
        say(said)
    raise typer.Exit(1 if any(result.failed for result in results.values()) else 0)


def as_json(result: Result) -> dict[str, object]:
    """One instance's part of the report: role → the reasons of its decision."""
    return {"ok": result.failed is None, "reasons": result.reasons, "failed": failure_json(result.failed)}


def text(results: Mapping[str, Result], asked: str | None = None) -> str:
    """A line for each reason, under instance and role. A role that decides nothing takes its settings as written.

    `asked` is the only role that was asked about: an instance that does not have it says so.
    """
    from gpustrap.ui.table import aligned

    rows = [
        (name if (line, place) == (0, 0) else "", role if line == 0 else "", reason)
        for name, result in results.items()
        for place, (role, reasons) in enumerate(_reasons(result, asked).items())
        for line, reason in enumerate(reasons or [tr("as hosts.yml says")])
    ]
    return aligned(rows)


def _reasons(result: Result, asked: str | None) -> Mapping[str, Sequence[str]]:
    if asked is None or asked in result.reasons or result.failed:
        return result.reasons
    return {asked: [tr("not among the roles of this instance")]}
