"""`gpustrap svc logs`: what a service wrote, and what it writes, without secrets and without what a terminal obeys."""

from __future__ import annotations

import secrets
import shlex
import subprocess
import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from gpustrap.cli import exit
from gpustrap.cli.options import instance_names
from gpustrap.cli.output import say
from gpustrap.cli.ssh import login
from gpustrap.cli.svc_words import meant
from gpustrap.errors import InstanceFailed
from gpustrap.language import tr

if TYPE_CHECKING:
    from gpustrap.inventory.secrets import Secret

LINE_BYTES = 65536  # a service may write for ever without an end of line

Words = Annotated[
    list[str],
    typer.Argument(
        metavar="[INSTANCE] NAME",
        help="The service, after its instance where the project has several.",
        autocompletion=instance_names,
    ),
]
Lines = Annotated[int, typer.Option("--lines", "-n", min=0, max=100_000, help="How many of the last lines.")]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="And what comes, until Ctrl-C.")]


def logs(words: Words, lines: Lines = 100, follow: Follow = False) -> None:
    """Show what a service wrote since it was last started.

    Exit code: 0 · 1 there is no log, or the instance cannot be reached · 2 bad input · 130 ended by Ctrl-C.
    """
    one = meant(words, secrets=True)
    if follow:
        exit.when_stopped()
    begin = f"gpustrap-log-{secrets.token_hex(8)}"
    password = one.instance.sudo_password
    command = _command(one.service, begin, lines, follow, password=password is not None)
    with _started([*login(one.instance.name), command]) as client:
        assert client.stdout is not None
        if password is not None:
            _tell(client, password)
        lines_of = iter(partial(client.stdout.readline, LINE_BYTES), "")
        any(line.rstrip() == begin for line in lines_of)
        for line in lines_of:
            say(line.rstrip("\n"))
            sys.stdout.flush()  # whoever reads it at a pipe reads it now
    raise typer.Exit(0 if client.returncode == 0 else 1)


def _tell(client: subprocess.Popen[str], password: Secret) -> None:
    """By stdin: what stands in argv is seen by all."""
    from gpustrap.inventory.reveal import revealed

    assert client.stdin is not None
    with suppress(BrokenPipeError):  # it has ended, and its output says why
        client.stdin.write(f"{revealed(password).get_secret_value()}\n")
        client.stdin.flush()


def _command(service: str, begin: str, lines: int, follow: bool, *, password: bool) -> str:
    from gpustrap.engine import greenlets
    from gpustrap.engine.scripts import clean
    from gpustrap.resolve.service import LOGS, SERVICES

    greenlets.hush()
    log, start = f"{LOGS}/{service}.log", f"{SERVICES}/{service}/log-start"
    text = clean("service-log", log=log, start=start, begin=begin, lines=lines, follow="yes" if follow else "")
    outer = clean("as-root", file=log, text=text, password="yes" if password else "")
    return f"exec sh -c {shlex.quote(outer)}"


def _started(argv: list[str]) -> subprocess.Popen[str]:
    """The ssh client; its stdin is open until it ends, or we do."""
    try:
        return subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8", errors="replace", bufsize=1
        )
    except FileNotFoundError:
        raise InstanceFailed(tr("there is no ssh client here"), hint=tr("install the OpenSSH client")) from None
