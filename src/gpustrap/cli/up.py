"""`gpustrap up`, `plan` and `verify`: they take the same options, run alike and give the same report."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from gpustrap.cli.options import (
    Color,
    Diff,
    Json,
    Limit,
    Measure,
    Names,
    NewKey,
    NoReplay,
    Quiet,
    Roles,
    Stash,
    TakeOver,
    Verbose,
    Yes,
)
from gpustrap.cli.output import print_json
from gpustrap.errors import BadInput, Fault
from gpustrap.language import tr

if TYPE_CHECKING:
    from gpustrap.inventory.instance import Instance
    from gpustrap.run.report import Result
    from gpustrap.run.work import Options
    from gpustrap.ui.console import Lines
    from gpustrap.ui.login import Agreed, AtTerminal


def up(
    names: Names = None,
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
    measure: Measure = False,
    stash: Stash = False,
) -> None:
    """Set each instance up as hosts.yml says, and prove it. Run again: nothing changes."""
    screen = Screen(quiet, verbose, color, diff)
    given = Arguments(
        names or [], roles, limit, json, not no_replay, accept_new_key, yes, take_over, screen, measure, stash
    )
    results = run("up", given)
    raise typer.Exit(failed(results))


def plan(
    names: Names = None,
    roles: Roles = None,
    limit: Limit = None,
    json: Json = False,
    no_replay: NoReplay = False,
    accept_new_key: NewKey = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Color = "auto",
    diff: Diff = False,
) -> None:
    """Show what `up` would change. Changes nothing.

    Exit code: 0 nothing to do · 3 changes pending · 1 an instance failed · 2 bad input.
    """
    screen = Screen(quiet, verbose, color, diff)
    given = Arguments(names or [], roles, limit, json, not no_replay, accept_new_key, screen=screen)
    results = run("plan", given)
    pending = any(result.changed for result in results.values())
    raise typer.Exit(failed(results) or (3 if pending else 0))


def verify(
    names: Names = None,
    roles: Roles = None,
    limit: Limit = None,
    json: Json = False,
    no_replay: NoReplay = False,
    accept_new_key: NewKey = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Color = "auto",
) -> None:
    """Prove what the roles promise. Changes nothing."""
    screen = Screen(quiet, verbose, color)
    given = Arguments(names or [], roles, limit, json, not no_replay, accept_new_key, screen=screen)
    results = run("verify", given)
    raise typer.Exit(failed(results))


@dataclass(frozen=True)
class Screen:
    """How much is shown, and in which colours."""

    quiet: bool = False
    verbose: bool = False
    color: str = "auto"
    diff: bool = False
    enter_agrees: bool = False  # to the one question, as in a guided start, where each empty line goes on

    def lines(self, *, planning: bool, asks: AtTerminal | Agreed | None = None) -> Lines:
        """Who shows the run. Raises BadInput for -q and -v at once."""
        from gpustrap.ui.console import Lines, Show, console
        from gpustrap.ui.login import AtTerminal

        if self.quiet and self.verbose:
            raise BadInput(Fault(tr("-q and -v cannot both be"), key="--quiet"))
        show = Show.QUIET if self.quiet else Show.ALL if self.verbose else Show.NORMAL
        person = asks if isinstance(asks, AtTerminal) else None
        return Lines(
            planning=planning,
            console=console(self.color),
            show=show,
            asks=person,
            diff=self.diff,
            enter_agrees=self.enter_agrees,
        )


@dataclass(frozen=True)
class Arguments:
    """What was typed after the verb."""

    names: Sequence[str]
    roles: Sequence[str] | None
    limit: Sequence[str] | None
    json: bool
    replay: bool
    accept_new_key: bool
    yes: bool = False  # of `up`: never ask
    take_over: bool = False  # of `up`
    screen: Screen = Screen()
    measure: bool = False  # of `up`
    stash: bool = False  # of `up`
    asks: AtTerminal | Agreed | None = None  # who was asked before in this run, with the passwords given then


def run(
    verb: Literal["up", "plan", "verify", "revert", "revert --plan"], arguments: Arguments, project: Path | None = None
) -> Mapping[str, Result]:
    """Run one verb, show it, and print its report. Raises BadInput before the engine is imported.

    Without `project` it is the one here.
    """
    from gpustrap.run.early import connect_again, connect_early

    if arguments.accept_new_key and not (arguments.names or arguments.limit):
        raise _unnamed(verb)
    connect_again(arguments.names or arguments.limit or (), project)
    from gpustrap.cli.selection import chosen

    reverts = verb.startswith("revert")
    project, instances, roles = chosen(arguments.names, arguments.roles, arguments.limit, project, of_roles=not reverts)
    connect_early(instances, project)
    from gpustrap.engine import greenlets
    from gpustrap.run.ahead import import_engine

    import_engine()
    from gpustrap.run.plan import plan
    from gpustrap.run.revert import revert
    from gpustrap.run.up import up
    from gpustrap.run.verify import verify

    instances = _with_passwords(instances, arguments)
    with arguments.screen.lines(planning="plan" in verb, asks=arguments.asks) as lines:
        greenlets.hush()
        verbs: dict[str, Callable[..., Mapping[str, Result]]] = {
            **{"up": up, "plan": plan, "verify": verify},
            **{"revert": revert, "revert --plan": partial(revert, plans=True)},
        }
        results = verbs[verb](instances, project, _options(arguments, roles, lines), lines)
    lines.summary(results)
    if arguments.json:
        print_json({"instances": {name: result.as_json() for name, result in results.items()}})
    return results


def _options(arguments: Arguments, roles: tuple[str, ...] | None, lines: Lines) -> Options:
    from gpustrap.run.work import Options
    from gpustrap.ui.login import Agreed

    asks = not arguments.yes and sys.stdin.isatty() and sys.stderr.isatty()
    return Options(
        replay=arguments.replay,
        roles=roles,
        accept_new_key=arguments.accept_new_key,
        confirm=lines.confirm if asks else None,
        accepts_key=lines.accepts_key if asks else None,
        take_over=arguments.take_over,
        measure=arguments.measure,
        stash=arguments.stash,
        takes_over=lines.takes_over if asks else None,
        diff=arguments.screen.diff,
        asks=lines.asks if asks else Agreed() if arguments.yes else None,
    )


def _with_passwords(instances: Sequence[Instance], arguments: Arguments) -> tuple[Instance, ...]:
    """Each with the password that a person gave for it earlier in this run."""
    held = arguments.asks.held if arguments.asks else {}
    return tuple(replace(one, given=held.get(one.name, one.given)) for one in instances)


def _unnamed(verb: str) -> BadInput:
    """Another key may also be another machine's: each instance of which it is taken is named by a person."""
    return BadInput(
        Fault(
            tr("the keys of all instances would be forgotten; name those that were reset"),
            key="--accept-new-key",
            hint=tr("for example `gpustrap {verb} trainer --accept-new-key`", verb=verb),
        )
    )


def failed(results: Mapping[str, Result]) -> int:
    """The exit code."""
    return 1 if any(result.failed for result in results.values()) else 0
