"""What was typed and no verb takes, in a sentence of the person's language, with where to look."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from gpustrap.errors import Fault
from gpustrap.language import mark, tr

# typer's own sentences (typer 0.15 to 0.27), as patterns and as messages of ours.
_SENTENCES = (
    (
        r"No such option: (?P<option>\S+) \(Possible options: (?P<others>.+)\)",
        mark("No such option: {option} (Possible options: {others})"),
    ),
    (r"No such option: (?P<option>\S+)", mark("No such option: {option}")),
    (
        r"No such command '(?P<command>.+)'\. Did you mean '(?P<other>.+)'\?",
        mark("No such command '{command}'. Did you mean '{other}'?"),
    ),
    (r"No such command '(?P<command>.+)'", mark("No such command '{command}'")),
    (r"Missing argument '(?P<argument>.+)'", mark("Missing argument '{argument}'")),
    (r"Option '(?P<option>.+)' requires an argument", mark("Option '{option}' requires an argument")),
    (r"Got unexpected extra argument(?:\(s\)|s)? \((?P<words>.+)\)", mark("Got unexpected extra arguments: {words}")),
)
_OF_SERVICES = ("ls", "logs", "restart", "rollback", "start", "stop")  # what people type without `svc`
_TOO_MUCH = ("No such option", "Got unexpected")


def usage_fault(error: Any, arguments: Sequence[str]) -> Fault:
    """One sentence, and which help has more; the help itself where a verb was given nothing.

    `error` is typer's UsageError for `arguments`.
    """
    if type(error).__name__ == "NoArgsIsHelpError":
        return Fault(str(error.format_message()))
    sentence = error.format_message().rstrip(".")
    if sentence.startswith(_TOO_MUCH) and "ssh" in arguments[1:]:
        return Fault(
            _said(sentence), hint=tr('an ssh command is one word here: put it in quotes, "ssh -p PORT USER@HOST"')
        )
    if (found := re.fullmatch(r"No such command '(\w+)'.*", sentence)) and found[1] in _OF_SERVICES:
        return Fault(_said(sentence), hint=tr("a service's is `{command}`", command=f"gpustrap svc {found[1]}"))
    path = error.ctx and error.ctx.command_path
    return Fault(_said(sentence), hint=path and tr("`{command_path} --help` shows what there is", command_path=path))


def _said(sentence: str) -> str:
    for pattern, message in _SENTENCES:
        if found := re.fullmatch(pattern, sentence):
            return tr(message, **found.groupdict())
    return sentence
