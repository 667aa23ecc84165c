"""`gpustrap init`: a project of one's own; at a terminal a guided start, which goes on to a working box."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gpustrap.cli.complete import card_names, flavours
from gpustrap.cli.guide import Given, Proposed
from gpustrap.cli.output import note
from gpustrap.errors import BadInput, Fault
from gpustrap.language import tr
from gpustrap.ui.ask import at_terminal

if TYPE_CHECKING:
    from gpustrap.ui.login import Agreed, AtTerminal


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Default: the current one.")] = Path(),
    ssh: Annotated[str | None, typer.Option(help="The instance's ssh command, as its page shows it.")] = None,
    lab: Annotated[bool, typer.Option("--lab", help="A container on this computer instead: needs no account.")] = False,
    flavour: Annotated[
        str | None, typer.Option(help="Whose box the container behaves like.", autocompletion=flavours)
    ] = None,
    name: Annotated[str | None, typer.Option(help="The instance's name. Default: its provider's or host's.")] = None,
    gpu: Annotated[
        str | None, typer.Option(help="The card, where none is visible: 'RTX 4090'; none.", autocompletion=card_names)
    ] = None,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Never ask: take what is proposed, and go.")] = False,
    empty: Annotated[bool, typer.Option("--empty", help="Only write the files, as without a terminal.")] = False,
) -> None:
    """Start a project: hosts.yml, and places for roles of your own. Nothing that is there is overwritten.

    At a terminal it asks for the instance's ssh command, looks at the box, shows what it is and what would be
    done, asks, and goes. Each answer can be given as an option instead.
    """
    given = Given(ssh, lab, flavour, name, gpu, yes)
    if empty or not (given.any or at_terminal()):
        return _write_only(directory)
    _must_be_one(given)
    start(directory, given)


def start(directory: Path, given: Given) -> None:
    """The guided start. Ctrl-C says whether anything was written."""
    from gpustrap.cli import exit
    from gpustrap.cli.guide import propose, shown
    from gpustrap.inventory.edit import must_be_new

    exit.when_stopped(Fault(tr("stopped; nothing was written")))
    must_be_new(directory)
    asks = _who(given)
    proposed = propose(directory.resolve(), given, asks)
    if not given.yes and not shown(proposed, directory):
        note(tr("Nothing was written."))
        raise typer.Exit(0)
    _write(directory, proposed)
    go = _go_on(directory, proposed.name)
    exit.when_stopped(Fault(tr("stopped; hosts.yml is written and complete: `{go}` goes on", go=go)))
    _up(directory, proposed.name, given.yes, asks)


def _write(directory: Path, proposed: Proposed) -> None:
    from gpustrap.inventory.document import displayed

    for file in _written(directory, proposed.hosts):
        note(tr("wrote {file}", file=displayed(file)))


def _who(given: Given) -> AtTerminal | Agreed:
    from gpustrap.ui.login import Agreed, AtTerminal

    return Agreed() if given.yes or not at_terminal() else AtTerminal()


def _up(directory: Path, name: str, yes: bool, asks: AtTerminal | Agreed) -> None:
    from gpustrap.cli.up import Arguments, Screen, failed, run

    screen = Screen(enter_agrees=True)
    given = Arguments(
        [name], None, None, json=False, replay=True, accept_new_key=False, yes=yes, screen=screen, asks=asks
    )
    results = run("up", given, directory.resolve())  # a project is known by its whole path
    if results[name].declined:
        note(tr("hosts.yml stays; `{go_on}` asks again", go_on=_go_on(directory, name)))
    elif not failed(results):
        note(
            tr(
                "next: change inventory/hosts.yml, then `{go_on}`; `gpustrap revert` is the way back",
                go_on=_go_on(directory, name),
            )
        )
    raise typer.Exit(failed(results))


def _write_only(directory: Path) -> None:
    from gpustrap.inventory.document import displayed
    from gpustrap.inventory.edit import GITIGNORE
    from gpustrap.inventory.starter import starter

    written = _written(directory, starter())
    for file in written:
        typer.echo(tr("wrote {file}", file=displayed(file)))
    kept = directory / GITIGNORE
    if kept not in written:
        typer.echo(tr("kept {kept}: it should name /secrets/", kept=displayed(kept)))
    typer.echo(tr("next: {command}", command=_go_on(directory, "demo")))


def _written(directory: Path, hosts: str) -> list[Path]:
    """Write the project; the schema that editors check its hosts.yml by first, so that hosts.yml comes last."""
    from gpustrap.inventory.edit import init_project, must_be_new
    from gpustrap.inventory.schema import MODELINE, write_schema

    must_be_new(directory)
    schema = write_schema(directory)
    return [*init_project(directory, f"{MODELINE}\n{hosts}"), *([schema] if schema else [])]


def _go_on(directory: Path, name: str) -> str:
    go = "" if directory.resolve() == Path.cwd() else f"cd {shlex.quote(str(directory))} && "
    return f"{go}gpustrap up {shlex.quote(name)}"


def _must_be_one(given: Given) -> None:
    if given.lab and given.ssh:
        raise BadInput(Fault(tr("an instance is either --ssh or --lab")))
    if given.flavour and not given.lab:
        raise BadInput(Fault(tr("only a container of --lab has a flavour"), key="--flavour"))
    if not at_terminal() and not (given.yes and (given.ssh or given.lab)):
        raise BadInput(
            Fault(
                tr("nobody can be asked here: there is no terminal"),
                hint="gpustrap init --ssh 'ssh -p PORT root@HOST' --yes, or --lab --yes",
            )
        )
