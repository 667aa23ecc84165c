"""`gpustrap add`: one more instance in a project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gpustrap.cli.output import note
from gpustrap.language import tr

# The options of an ssh command that was pasted without quotes are its own.
AS_PASTED = {"ignore_unknown_options": True}

if TYPE_CHECKING:
    from gpustrap.catalog.providers import Provider


def add(
    command: Annotated[list[str], typer.Argument(metavar="SSH", help="As pasted: ssh -p PORT root@HOST.")],
    name: Annotated[
        str | None, typer.Option(help="Its name in hosts.yml. Default: that of its provider or host.")
    ] = None,
) -> None:
    """Add an instance to hosts.yml. Everything else in the file stays as it is.

    The command may be pasted with quotes or without, with the words and the password that stand around it on
    a provider's page: what is left out is said. A password is never written down.
    """
    from gpustrap.inventory.document import displayed
    from gpustrap.inventory.edit import add_instance
    from gpustrap.inventory.hosts import HOSTS_FILE
    from gpustrap.inventory.paste import joined, read_paste
    from gpustrap.inventory.project import own_project

    project = own_project()
    pasted = read_paste(command[0] if len(command) == 1 else joined(command))
    provider = _provider(pasted.target.host)
    added = add_instance(project, pasted.command, name, provider_of=lambda _host: provider.name if provider else None)
    if pasted.left_out:
        note(tr("left out: {left_out}", left_out=", ".join(pasted.left_out)))
    if pasted.password:
        note(tr("a password is never written down; use an ssh key, or say where it is kept: password: {env: NAME}"))
    of = (
        tr(", an instance of {title}", title=provider.title)
        if provider
        else tr(" (its address does not show the provider)")
    )
    typer.echo(tr("added {added} to {project}{of}", added=added, project=displayed(project / HOSTS_FILE), of=of))
    typer.echo(tr("next: gpustrap plan {added}", added=added))


def _provider(host: str) -> Provider | None:
    """The provider whose ssh gateway `host` is, or None if its name does not show that."""
    from gpustrap.catalog.providers import provider_of_host

    provider = provider_of_host(host)
    return provider if provider.ssh_hosts else None
