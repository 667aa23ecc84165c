"""`gpustrap lab`: disposable container targets that look like rented instances."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gpustrap.errors import BadInput, Fault

if TYPE_CHECKING:
    from gpustrap.lab.targets import LabTarget, Listed

app = typer.Typer(help="Disposable container targets that look like rented instances.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The target's name, which is also its hostname.")]


@app.command()
def up(
    name: Name = "demo",
    release: Annotated[str, typer.Option(help="debian-12 or debian-11.")] = "debian-12",
) -> None:
    """Make a target, or start the one there is. The first one builds its image."""
    from gpustrap.lab import targets

    show(targets.up(name, release, say))


@app.command()
def reset(name: Name) -> None:
    """Reset a target as a provider does: a new machine and host key, the same ports, /data kept."""
    from gpustrap.lab import targets

    show(targets.reset(name, say))


@app.command()
def down(
    names: Annotated[list[str] | None, typer.Argument(help="Targets to remove.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Remove every target.")] = False,
) -> None:
    """Remove targets and their data."""
    from gpustrap.lab import targets

    if bool(names) == everything:
        raise BadInput(Fault("lab down takes either names or --all", hint="`gpustrap lab ls` lists the targets"))
    for name in targets.down_all() if everything else names or []:
        if not everything:
            targets.down(name)
        say(f"removed {name}")


@app.command()
def ls(json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False) -> None:
    """List the targets. What a killed test run left behind is removed first."""
    from gpustrap.lab import targets

    listed = targets.ls()
    if json:
        from json import dumps

        typer.echo(dumps({"targets": {each.target.name: as_json(each) for each in listed}}))
    for each in [] if json else listed:
        target = each.target
        typer.echo(f"{target.name:<20} {target.release:<10} {each.state:<8} {target.url}")


def as_json(listed: Listed) -> dict[str, Any]:
    """The target's fields with its state, its url and its owner; the name is the key it stands under."""
    fields = {key: str(value) if key in ("key", "known_hosts") else value
              for key, value in asdict(listed.target).items() if key != "name"}  # fmt: skip
    return {**fields, "url": listed.target.url, "state": listed.state, "owner": listed.owner}


def show(target: LabTarget) -> None:
    """What a person needs next, on stdout."""
    typer.echo(shlex.join(target.ssh_command))
    typer.echo(f"port 8080: {target.url}")


def say(line: str) -> None:
    typer.echo(line, err=True)
