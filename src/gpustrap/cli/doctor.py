"""`gpustrap doctor`: which services work from each instance, where the others break, and what mends it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from gpustrap.cli.instances import failure_json, selected
from gpustrap.cli.options import Json, Names
from gpustrap.cli.output import note, print_json, say
from gpustrap.language import mark, tr
from gpustrap.ui.table import aligned

if TYPE_CHECKING:
    from gpustrap.resolve.net.judge import Verdict
    from gpustrap.run.doctor import Diagnosis

STATES = (mark("works"), mark("slow"), mark("blocked"))  # as a verdict says them


def doctor(names: Names = None, json: Json = False) -> None:
    """Say which services work, and why others do not. Changes nothing.

    Each package manager on the box is asked where it asks; all places are tried at the same time, for 8 s at most.

    Exit code: 0 nothing is blocked · 1 something is blocked, or an instance cannot be reached · 2 bad input.
    """
    found = _found(names or [])
    if json:
        print_json({"instances": {name: as_json(one) for name, one in found.items()}})
    else:
        if rows := [row for name, one in found.items() for row in rows_of(name, one)]:
            say(aligned(rows))
        for one in found.values():
            if one.failed:
                note(one.failed)
    raise typer.Exit(0 if all(one.ok for one in found.values()) else 1)


def _found(names: list[str]) -> Mapping[str, Diagnosis]:
    project, instances = selected(names)
    from gpustrap.run.doctor import diagnose
    from gpustrap.ui.ask import at_terminal
    from gpustrap.ui.login import AtTerminal

    asks = AtTerminal() if at_terminal() else None
    return diagnose(instances, project, asks, lambda name, text: note(f"{name}: {text}"))


def as_json(one: Diagnosis) -> dict[str, Any]:
    """One instance's part of the report."""
    return {"ok": one.ok, "verdicts": [asdict(each) for each in one.verdicts], "failed": failure_json(one.failed)}


def rows_of(name: str, one: Diagnosis) -> Iterator[tuple[str, str, str, str]]:
    """A line each: instance, service, state, and host with the cause; under what is not well, what mends it."""
    for at, each in enumerate(one.verdicts):
        yield name if at == 0 else "", each.title, tr(each.state), _told(each)
        if each.mend:
            yield "", "", "", f"→ {each.mend}"


def _told(each: Verdict) -> str:
    return f"{each.host}: {each.sentence}" if each.host and each.subject != "box" else each.sentence
