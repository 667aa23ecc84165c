"""`gpustrap tunnel`: a service of an instance at a port of this computer."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from gpustrap.cli import exit
from gpustrap.cli.options import instance_names
from gpustrap.cli.output import note, say
from gpustrap.cli.svc_words import Meant, meant
from gpustrap.errors import Fault
from gpustrap.language import tr

if TYPE_CHECKING:
    from collections.abc import Callable

Words = Annotated[
    list[str],
    typer.Argument(
        metavar="[INSTANCE/]NAME",
        help="The service, with its instance where several have it; `INSTANCE NAME` is the same.",
        autocompletion=instance_names,
    ),
]
Open = Annotated[bool, typer.Option("--open", help="Open it in the browser.")]
Port = Annotated[
    int | None,
    typer.Option(
        "--port",
        min=1,
        max=65535,
        help="The instance's port. Default: the service's, else one it listens on.",
    ),
]


def tunnel(words: Words, open: Open = False, port: Port = None) -> None:
    """Reach a service at a port of this computer, by ssh.

    Until Ctrl-C, and for this computer alone. The service may listen on 127.0.0.1 of
    the instance. The local port is the same where it is free; its address is printed.

    Exit code: 1 no connection, or it has ended · 2 bad input · 130 ended by Ctrl-C.
    """
    one = meant(words, secrets=False)
    wanted: int | None = port or getattr(one.settings, "listens_on", None)
    exit.when_stopped(Fault(tr("the tunnel is closed")))
    from gpustrap.run.early import connect_early

    connect_early([one.instance], one.project)
    from gpustrap.run.tunnel import tunnel as does
    from gpustrap.ui.ask import at_terminal
    from gpustrap.ui.login import AtTerminal

    asks = AtTerminal() if at_terminal() else None
    raise does(one.instance, one.project, one.service, wanted, _opened(one, open), _says(one), asks)


def _says(one: Meant) -> Callable[[str], None]:
    return lambda text: note(f"{one.instance.name}: {text}")


def _opened(one: Meant, open: bool) -> Callable[[int, int], None]:
    """Tell the address: on stdout, which a script reads, and what it is on stderr."""

    def tell(port: int, wanted: int) -> None:
        url = f"http://127.0.0.1:{port}"
        say(url)
        sys.stdout.flush()
        if port != wanted:
            _says(one)(tr("port {wanted} of this computer is taken: it is {port}", wanted=wanted, port=port))
        _says(one)(tr("{service} is there until Ctrl-C, for this computer alone", service=one.service))
        if open:
            _show(url)

    return tell


def _show(url: str) -> None:
    """In a greenlet: some browsers come back only when they are closed."""
    import gevent

    from gpustrap.ui.browser import has_browser, show

    if has_browser():
        gevent.spawn(show, url)
    else:
        note(tr("no browser is found here; open {url} in yours", url=url))
