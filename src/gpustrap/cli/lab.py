"""`gpustrap lab`: disposable container targets that look like rented instances."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gpustrap.cli.output import note, print_json, say
from gpustrap.errors import BadInput, Fault
from gpustrap.language import tr
from gpustrap.ui.table import aligned

if TYPE_CHECKING:
    from gpustrap.lab.login import LabTarget
    from gpustrap.lab.targets import Listed

app = typer.Typer(help="Disposable container targets that look like rented instances.", no_args_is_help=True)

HEADS = ("target", "release", "flavour", "state", "port 8080", "")

Name = Annotated[str, typer.Argument(help="The target's name in this project, which is also its hostname.")]


@app.command()
def up(
    name: Name = "demo",
    release: Annotated[
        str | None,
        typer.Option(
            help="debian-12 or debian-11. Default: that of hosts.yml, of the target there is, else debian-12."
        ),
    ] = None,
    flavour: Annotated[
        str | None,
        typer.Option(help="Whose box it behaves like: `gpustrap lab flavours` lists them. Default: that of hosts.yml."),
    ] = None,
) -> None:
    """Make a target, or start the one there is. The first one builds its image."""
    from gpustrap.lab import targets

    project = project_here()
    if release is None and flavour is None and project is not None:
        release, flavour = as_written(name, project)
    show(targets.up(name, release, note, project=project, flavour=flavour))


@app.command()
def reset(name: Name) -> None:
    """Reset a target as a provider does: a new machine and host key, the same ports, /data kept."""
    from gpustrap.lab import targets

    show(targets.reset(name, note, project=project_here()))


@app.command()
def down(
    names: Annotated[list[str] | None, typer.Argument(help="Targets of this project to remove.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Remove every target, other projects' too.")] = False,
) -> None:
    """Remove targets and their data."""
    from gpustrap.lab import targets

    if bool(names) == everything:
        raise BadInput(
            Fault(tr("lab down takes either names or --all"), hint=tr("`gpustrap lab ls` lists the targets"))
        )
    project = project_here()
    if everything:
        for target in targets.down_all():
            note(tr("removed {name} {whose}", name=target.name, whose=of_another(target, project)).rstrip())
    for name in names or []:
        targets.down(name, project)
        note(tr("removed {name}", name=name))


@app.command()
def ls(
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Those of other projects too.")] = False,
) -> None:
    """List this project's targets. What a killed test run left behind is removed first."""
    from gpustrap.lab import targets

    project, listed = project_here(), targets.ls()
    shown = [each for each in listed if everything or each.target.project == project]
    if json:
        print_json({"targets": {key_of(each.target, project): as_json(each) for each in shown}})
        return
    if shown:
        say(aligned((row(each, project) for each in shown), HEADS))
    if others := len(listed) - len(shown):
        note(tr("{others} more of other projects or of none: `gpustrap lab ls --all`", others=others))


@app.command()
def flavours() -> None:
    """List the flavours: whose box a target can behave like, and how."""
    from gpustrap.lab.flavour import find_flavour, flavour_names

    say(aligned((name, find_flavour(name).sentence) for name in flavour_names()))


def project_here() -> Path | None:
    """The project that `gpustrap up` would take here, None where there is none."""
    import os

    from gpustrap.inventory.folder import PROJECT_VARIABLE, find_project

    try:
        return find_project(Path.cwd())
    except BadInput:
        if os.environ.get(PROJECT_VARIABLE):
            raise
        return None


def as_written(name: str, project: Path) -> tuple[str | None, str | None]:
    """Release and flavour of the target as the project's hosts.yml has them; neither where it has no such target."""
    from gpustrap.inventory.hosts import load_hosts

    instance = load_hosts(project).instances.get(name)
    return (instance.lab, instance.flavour) if instance and instance.lab else (None, None)


def row(listed: Listed, project: Path | None) -> tuple[str, ...]:
    target = listed.target
    return target.name, target.release, target.flavour or "-", listed.state, target.url, of_another(target, project)


def of_another(target: LabTarget, project: Path | None) -> str:
    """What is said of another project's target; nothing of this one's."""
    if target.project == project:
        return ""
    return tr("of {project}", project=target.project) if target.project else tr("of no project")


def key_of(target: LabTarget, project: Path | None) -> str:
    """What the target stands under in the JSON: its name, and another project's its name with a digest."""
    from gpustrap.lab.box import TargetName

    return target.name if target.project == project else TargetName(target.name, target.project).key


def as_json(listed: Listed) -> dict[str, Any]:
    """The target's fields with its state, its url and its owner; the name is a part of the key it stands under."""
    fields = {key: str(value) if isinstance(value, Path) else value for key, value in asdict(listed.target).items()}
    return {**fields, "url": listed.target.url, "state": listed.state, "owner": listed.owner}


def show(target: LabTarget) -> None:
    """What a person needs next, on stdout."""
    say(shlex.join(target.ssh_command))
    say(tr("port 8080: {url}", url=target.url))
