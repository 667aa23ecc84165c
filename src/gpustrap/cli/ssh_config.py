"""`gpustrap ssh-config`: the instances as entries of ssh_config, for ssh, scp, rsync and editors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gpustrap.cli.output import note
from gpustrap.errors import BadInput, Fault
from gpustrap.language import tr


def ssh_config(
    install: Annotated[bool, typer.Option("--install", help="Let ssh read them: a line in ~/.ssh/config.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Take them and the line away again.")] = False,
) -> None:
    """Print an ssh_config entry for each instance, or install them.

    Then `ssh NAME`, scp, rsync, VS Code and JetBrains Gateway know each instance by its name, with the port, the
    key and the host key that gpustrap uses. After a change of hosts.yml run it again. --remove outside of a
    project takes the entries of all projects away.
    """
    if install and remove:
        raise BadInput(Fault(tr("--install and --remove cannot both be")))
    if remove:
        return _remove()
    from gpustrap.inventory.hosts import find_project, load_hosts, select
    from gpustrap.run.ssh_entries import entries

    project = find_project(Path.cwd())
    found = entries(select(load_hosts(project), []), project, note)
    if install:
        return _install(project, found)
    typer.echo("\n".join(found.values()), nl=False)


def _install(project: Path, entries: dict[str, str]) -> None:
    from gpustrap.laptop.ssh_entries import entries_file, others
    from gpustrap.laptop.ssh_include import config_file, install

    if not entries:
        raise BadInput(Fault(tr("no instance has an entry"), hint=tr("a lab target has one while it runs")))
    if install(project, "\n".join(entries.values())):
        note(tr("added a line to {config}: it reads {entries}", config=config_file(), entries=entries_file()))
    note(tr("ssh, scp, rsync and editors now know: {names}", names=", ".join(entries)))
    for name, other in others(project).items():
        if name in entries:
            note(tr("{name} is this project's from now on: {other} has one of that name too", name=name, other=other))


def _remove() -> None:
    from gpustrap.inventory.hosts import find_project
    from gpustrap.laptop.ssh_entries import others
    from gpustrap.laptop.ssh_include import remove

    try:
        project: Path | None = find_project(Path.cwd())
    except BadInput:
        project = None
    was_there, left = remove(project), others(project)
    if was_there and left:
        return note(tr("removed; ssh still knows those of other projects: {names}", names=", ".join(left)))
    note(tr("removed; ssh knows the instances no more") if was_there else tr("nothing was installed"))
