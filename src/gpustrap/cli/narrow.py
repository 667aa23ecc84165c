"""The part of the command line that a run is about: typer works the options of all verbs out at each start."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

from typer import Typer
from typer.main import get_command_name
from typer.models import CommandInfo

ABOUT_ALL = ("reference",)  # it writes the page of all verbs


def narrowed(app: Typer, words: Sequence[str]) -> Typer:
    """`app` with the one verb that these words begin with; all of it where that is none, or one that tells of all."""
    verb = words[0] if words and words[0] not in ABOUT_ALL else ""
    narrow = copy(app)
    narrow.registered_commands = [one for one in app.registered_commands if _name(one) == verb]
    narrow.registered_groups = [one for one in app.registered_groups if one.name == verb]
    return narrow if narrow.registered_commands or narrow.registered_groups else app


def _name(command: CommandInfo) -> str:
    assert command.callback is not None
    return command.name or get_command_name(command.callback.__name__)
