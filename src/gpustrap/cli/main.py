"""The command line: its verbs and their help. A verb imports what it needs when it runs."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, NoReturn

# Before typer, which imports pydantic: that would look for plugins of other packages, for 12 ms.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

import typer

from gpustrap import __version__
from gpustrap.cli import catalog, lab, no_way_out, project, role, schema, ssh, status, svc, torch
from gpustrap.cli.complete import words
from gpustrap.cli.doctor import doctor
from gpustrap.cli.exit import run
from gpustrap.cli.explain import explain
from gpustrap.cli.gpus import gpus
from gpustrap.cli.init import init
from gpustrap.cli.inspect import inspect
from gpustrap.cli.narrow import narrowed
from gpustrap.cli.output import guard
from gpustrap.cli.reference import reference
from gpustrap.cli.revert import revert
from gpustrap.cli.ssh_config import ssh_config
from gpustrap.cli.test import AS_TYPED, test
from gpustrap.cli.tunnel import tunnel
from gpustrap.cli.up import plan, up, verify
from gpustrap.errors import INTERRUPTED
from gpustrap.language import LANGUAGES

LANGUAGE_WORDS = words(*LANGUAGES)
app = typer.Typer(
    name="gpustrap",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="One command turns a freshly rented GPU instance into your machine.",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gpustrap {__version__}")
        raise typer.Exit()


@app.callback()
def options(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks and what the engine logs.")] = False,
    language: Annotated[  # noqa: ARG001 (cli/lang.py takes it out of the words before)
        str | None,
        typer.Option("--lang", metavar="LANGUAGE", help="en or zh_CN. Default: LANG.", autocompletion=LANGUAGE_WORDS),
    ] = None,
    version: Annotated[  # noqa: ARG001
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    if debug:
        from gpustrap.cli.debug import enable

        enable()
    if context.invoked_subcommand is None:
        _without_a_verb(context)


def _without_a_verb(context: typer.Context) -> None:
    """The guided start where there is nothing yet and somebody to ask, else the help."""
    from pathlib import Path

    from gpustrap.cli.guide import Given
    from gpustrap.cli.init import start
    from gpustrap.errors import BadInput, Fault
    from gpustrap.language import tr
    from gpustrap.ui.ask import at_terminal

    is_new = not any(Path.cwd().iterdir()) and not _project_above()
    if is_new and at_terminal():
        return start(Path(), Given())
    asks = tr('nobody can be asked here: `gpustrap init --ssh "ssh -p PORT root@HOST" --yes` starts without a terminal')
    raise BadInput(Fault(context.get_help(), hint=asks if is_new else None))


def _project_above() -> bool:
    from pathlib import Path

    from gpustrap.errors import BadInput
    from gpustrap.inventory.hosts import find_project

    try:
        return find_project(Path.cwd()) is not None
    except BadInput:
        return False


# The order is that of `gpustrap --help`: from the first use to what one rarely needs.
for verb, example, settings in (
    (init, 'gpustrap init my-gpus · gpustrap init --ssh "ssh -p 28123 root@i-1.gpushare.com"', {}),
    (project.add, 'gpustrap add "ssh -p 28123 root@i-1.gpushare.com" --name trainer', project.AS_PASTED),
    (
        up,
        'gpustrap up demo -y · gpustrap up "ssh -p 28123 root@i-1.gpushare.com" --roles network'
        " · gpustrap up demo --stash",
        {},
    ),
    (plan, "gpustrap plan demo --json", {}),
    (verify, "gpustrap verify demo --roles services", {}),
    (revert, "gpustrap revert demo --plan · gpustrap revert demo --roles mirrors", {}),
    (explain, "gpustrap explain demo · gpustrap explain demo mirrors --json", {}),
    (status.status, "gpustrap status · gpustrap status demo --json", {}),
    (inspect, "gpustrap inspect demo", {}),
    (doctor, "gpustrap doctor demo · gpustrap doctor --json", {}),
    (tunnel, "gpustrap tunnel web --open · gpustrap tunnel trainer/lab --port 8888", {}),
    (ssh.ssh, "gpustrap ssh demo · gpustrap ssh demo -- nvidia-smi -L", ssh.AS_TYPED),
    (ssh_config, "gpustrap ssh-config · gpustrap ssh-config --install", {}),
    (gpus, 'gpustrap gpus "RTX 4090" --fits "7B fp16 inference"', {}),
    (schema.schema, "gpustrap schema >hosts.schema.json", {}),
    (test, "gpustrap test · gpustrap test tests/unit/cli -k json", AS_TYPED),
):
    app.command(epilog=f"Example: {example}", context_settings=settings)(verb)
for group, name, example in (
    (svc.app, "svc", "gpustrap svc ls · gpustrap svc restart demo web"),
    (torch.app, "torch", "gpustrap torch explain --gpu 4090 --driver 570.124.06 --cuda 12.8"),
    (catalog.app, "catalog", "gpustrap catalog refresh"),
    (lab.app, "lab", "gpustrap lab up demo"),
    (role.app, "role", "gpustrap role new motd"),
):
    app.add_typer(group, name=name, epilog=f"Example: {example}")
app.command(hidden=True, epilog="Example: gpustrap reference --check")(reference)


def main() -> None:
    """The console script."""
    gc.disable()  # a run is short and makes little garbage; collecting while importing costs a tenth of it
    guard()
    leave = no_way_out.guarded()
    _end(run(narrowed(app, sys.argv[1:]), sys.argv[1:]), leave)


def _end(code: int, leave: Callable[[int], NoReturn]) -> NoReturn:
    """End at once: to take all modules down one by one costs a tenth of a short run.

    After Ctrl-C, greenlets that wait for a frozen link, and threads that look up a name, must not delay the end.
    """
    if code != INTERRUPTED:
        atexit._run_exitfuncs()
        with suppress(OSError, ValueError):  # a verb that failed may have printed something first; nobody may read it
            sys.stdout.flush()
    sys.stderr.flush()
    leave(code)
