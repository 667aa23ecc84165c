"""`gpustrap ssh`: the ssh client on an instance, with the key, port and known host key that gpustrap uses."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gpustrap.cli.options import Name
from gpustrap.language import tr

if TYPE_CHECKING:
    from gpustrap.inventory.instance import Instance

# What follows INSTANCE is the command's, options too, as with ssh.
AS_TYPED = {"allow_interspersed_args": False}
Command = Annotated[list[str] | None, typer.Argument(metavar="COMMAND", help="Default: a shell.")]


def ssh(name: Name, command: Command = None) -> None:
    """Open a shell on an instance, or run a command there. The exit code is ssh's.

    A command's words are joined by spaces and read by the instance's shell, as ssh does it.
    """
    words = command or []
    argv = [*login(name), *(words[1:] if words[:1] == ["--"] else words)]
    try:
        os.execvp(argv[0], argv)
    except FileNotFoundError:
        from gpustrap.errors import InstanceFailed

        raise InstanceFailed(tr("there is no ssh client here"), hint=tr("install the OpenSSH client")) from None


def login(name: str) -> list[str]:
    """The ssh client's argv that logs in to an instance; a command may follow it.

    Raises BadInput for an instance that hosts.yml does not know, InstanceFailed for a lab target that is
    not there or does not run.
    """
    from gpustrap.inventory.hosts import find_project, load_hosts, select

    project = find_project(Path.cwd())
    (instance,) = select(load_hosts(project), [name])
    return _to_lab(instance, project) if instance.lab else _to_rented(instance, project)


def _to_lab(instance: Instance, project: Path) -> list[str]:
    from gpustrap.lab.login import running_box

    return running_box(instance.name, project).ssh_command


def _to_rented(instance: Instance, project: Path) -> list[str]:
    """The pasted command, with the instance's own known_hosts: ours comes first, and ssh takes the first."""
    from gpustrap.inventory.ssh import ssh_argv
    from gpustrap.laptop.paths import places_of

    assert instance.ssh is not None
    client, *rest = ssh_argv(instance.ssh)
    known_hosts = str(places_of(project, instance.name).known_hosts)
    quoted = '"' + known_hosts.replace("%", "%%") + '"'  # ssh_config(5), TOKENS
    ours = (f"UserKnownHostsFile={quoted}", "StrictHostKeyChecking=accept-new")
    return [client, *(word for option in ours for word in ("-o", option)), *rest]
