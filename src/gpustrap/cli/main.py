"""The command line: verbs, their help, and what reaches a person when something is wrong."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from gpustrap import __version__
from gpustrap.errors import BadInput, InstanceFailed

app = typer.Typer(
    name="gpustrap", no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="One command turns a freshly rented GPU instance into your machine.",
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[INSTANCE]...", help='Names in hosts.yml, or a pasted "ssh -p PORT root@HOST". Default: all.'),
]
Roles = Annotated[list[str] | None, typer.Option("--roles", help="Only these roles, separated by commas.")]
Limit = Annotated[list[str] | None, typer.Option("--limit", help="Only these of the named instances, separated by commas.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout; all else goes to stderr.")]
NoReplay = Annotated[bool, typer.Option("--no-replay", help="Ask each fact by an exec of its own. Slower, same result.")]
NewKey = Annotated[bool, typer.Option("--accept-new-key", help="A reset instance has a new host key: forget the old one.")]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gpustrap {__version__}")
        raise typer.Exit()


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks and what the engine logs.")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,  # noqa: ARG001
) -> None:
    if debug:
        from gpustrap.cli import debugging

        debugging.enable()


@app.command(epilog='Examples: gpustrap up demo -y · gpustrap up "ssh -p 28123 root@i-1.gpushare.com" · gpustrap up --roles services')
def up(names: Names = None, yes: Annotated[bool, typer.Option("-y", "--yes", help="Never ask.")] = False,
       roles: Roles = None, limit: Limit = None, json: Json = False, no_replay: NoReplay = False,
       accept_new_key: NewKey = False) -> None:  # fmt: skip
    """Make each instance so, and prove it. Run again: nothing changes."""
    from gpustrap.cli import runs

    raise typer.Exit(runs.up(names or [], roles, limit, yes=yes, json=json, replay=not no_replay, accept_new_key=accept_new_key))


@app.command(epilog="Exit code: 0 nothing to do · 3 changes pending · 1 an instance failed · 2 bad input.")
def plan(names: Names = None, roles: Roles = None, limit: Limit = None, json: Json = False,
         no_replay: NoReplay = False, accept_new_key: NewKey = False) -> None:  # fmt: skip
    """Show what `up` would change. Changes nothing."""
    from gpustrap.cli import runs

    raise typer.Exit(runs.plan(names or [], roles, limit, json=json, replay=not no_replay, accept_new_key=accept_new_key))


@app.command()
def verify(names: Names = None, roles: Roles = None, limit: Limit = None, json: Json = False,
           no_replay: NoReplay = False, accept_new_key: NewKey = False) -> None:  # fmt: skip
    """Prove what the roles promise, by testinfra. Changes nothing."""
    from gpustrap.cli import runs

    raise typer.Exit(runs.verify(names or [], roles, limit, json=json, replay=not no_replay, accept_new_key=accept_new_key))


def main() -> None:
    """The console script. No traceback reaches a person; `--debug` shows it."""
    try:
        app(standalone_mode=True)
    except (BadInput, InstanceFailed) as error:
        if "--debug" in sys.argv:
            raise
        typer.echo(str(error), err=True)
        raise SystemExit(error.exit_code) from None
    except KeyboardInterrupt:
        typer.echo("stopped; the same command goes on from here", err=True)
        raise SystemExit(130) from None
