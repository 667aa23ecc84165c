"""`gpustrap add`: one more instance in a project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gpustrap.cli.output import note
from gpustrap.language import tr

# The options of an ssh command that was pasted without quotes are its own.
AS_PASTED = {"ignore_unknown_options": True}

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import SecretStr

    from gpustrap.catalog.providers import Provider


def add(
    command: Annotated[list[str], typer.Argument(metavar="SSH", help="As pasted: ssh -p PORT root@HOST.")],
    name: Annotated[
        str | None, typer.Option(help="Its name in hosts.yml. Default: that of its provider or host.")
    ] = None,
) -> None:
    """Add an instance to hosts.yml. Everything else in the file stays as it is.

    The command may be pasted with quotes or without, with the words and the password that stand around it on
    a provider's page: what is left out is said. A password is never written down; at a terminal it is offered to
    log in by it now, so that your key is let in.
    """
    from gpustrap.cli.guide import say_left_out
    from gpustrap.inventory.document import displayed
    from gpustrap.inventory.edit import add_instance
    from gpustrap.inventory.hosts import HOSTS_FILE
    from gpustrap.inventory.paste import read_paste
    from gpustrap.inventory.project import own_project
    from gpustrap.inventory.ssh import joined
    from gpustrap.ui.table import wrapped

    project = own_project()
    pasted = read_paste(command[0] if len(command) == 1 else joined(command))
    provider = _provider(pasted.target.host)
    added = add_instance(project, pasted.command, name, provider_of=lambda _host: provider.name if provider else None)
    say_left_out(pasted)
    of = (
        tr(", an instance of {title}", title=provider.title)
        if provider
        else tr(" (its address does not show the provider)")
    )
    told = tr("added {added} to {project}{of}", added=added, project=displayed(project / HOSTS_FILE), of=of)
    typer.echo(wrapped(told))
    if pasted.password:
        _log_in_once(project, added, pasted.password)
    typer.echo(tr("next: gpustrap plan {added}", added=added))


def _log_in_once(project: Path, name: str, password: SecretStr) -> None:
    """Use the pasted password for what it is good for: the first login, which lets the laptop's key in."""
    from gpustrap.ui.ask import agrees, at_terminal

    if not at_terminal():
        note(
            tr(
                "the password is written nowhere: `gpustrap up {name}` at a terminal asks for it, and lets a key in",
                name=name,
            )
        )
    elif agrees(tr("The password is written nowhere. Log in by it now, to let your key in?"), default=True):
        _let_in(project, name, password)


def _let_in(project: Path, name: str, password: SecretStr) -> None:
    from dataclasses import replace

    from gpustrap.inventory.hosts import load_hosts
    from gpustrap.run.look import look
    from gpustrap.ui.login import AtTerminal

    instance = replace(load_hosts(project).instances[name], given=password)
    seen = look([instance], project, services=False, asks=AtTerminal())[name]
    for line in seen.said:
        note(f"{name}: {line}")
    if seen.failed:
        note(f"{name}: {seen.failed}")


def _provider(host: str) -> Provider | None:
    """The provider whose ssh gateway `host` is, or None if its name does not show that."""
    from gpustrap.catalog.providers import provider_of_host

    provider = provider_of_host(host)
    return provider if provider.ssh_hosts else None
