"""The arguments and options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gpustrap.cli.complete import role_names, words
from gpustrap.errors import BadInput, Fault, nearest
from gpustrap.language import tr


def instance_names(incomplete: str) -> list[str]:
    """The instances of hosts.yml whose name starts so, for the shell's completion; none if it cannot be read."""
    from gpustrap.inventory.document import parse, read_text
    from gpustrap.inventory.hosts import HOSTS_FILE, find_project

    try:
        root = parse(read_text(find_project(Path.cwd()) / HOSTS_FILE), str(HOSTS_FILE))
    except BadInput:
        return []
    hosts = root.plain() if root else None
    instances = hosts.get("instances") if isinstance(hosts, dict) else None
    return [name for name in instances or () if name.startswith(incomplete)]


COLORS = ("auto", "always", "never")


def _is_color(word: str) -> str:
    if word not in COLORS:
        raise BadInput(
            Fault(
                tr("'{word}' is not among {known}", word=word, known=", ".join(COLORS)),
                key="--color",
                nearest=nearest(word, COLORS),
            )
        )
    return word


Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="INSTANCE",
        help='Names in hosts.yml, or a pasted "ssh -p PORT root@HOST". Default: all.',
        autocompletion=instance_names,
    ),
]
Name = Annotated[
    str,
    typer.Argument(
        metavar="INSTANCE",
        help='A name in hosts.yml, or a pasted "ssh -p PORT root@HOST".',
        autocompletion=instance_names,
    ),
]
Roles = Annotated[
    list[str] | None, typer.Option(help="Only these roles, separated by commas.", autocompletion=role_names)
]
Limit = Annotated[list[str] | None, typer.Option(help="Only these of the named instances, separated by commas.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout; all else goes to stderr.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Show only failures, questions and the summary.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Show every detail and what the instance prints.")]
Color = Annotated[
    str,
    typer.Option(help="auto, always or never. NO_COLOR is never.", callback=_is_color, autocompletion=words(*COLORS)),
]
Diff = Annotated[bool, typer.Option("--diff", help="Show what changes inside of files, except those with secrets.")]
Yes = Annotated[bool, typer.Option("-y", "--yes", help="Never ask.")]
NoReplay = Annotated[
    bool, typer.Option("--no-replay", help="Ask each fact by an exec of its own. Slower, same result.")
]
Measure = Annotated[
    bool, typer.Option("--measure", help="Measure the mirrors again (mirrors.measure), also where that was done today.")
]
Stash = Annotated[
    bool,
    typer.Option(
        "--stash",
        help="This once, move what was changed on the instance in a project's files aside (project.on_box_changes).",
    ),
]
NewKey = Annotated[
    bool,
    typer.Option("--accept-new-key", help="The named instances were reset and have new host keys: take these."),
]
TakeOver = Annotated[
    bool,
    typer.Option("--take-over", help="Also where another project or instance has set the box up before."),
]
