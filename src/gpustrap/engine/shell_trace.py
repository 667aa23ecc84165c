"""Who sets a variable in a kind of shell, and where such a shell ends: asked of the shell itself, by a trace.

A trace is read on the box and holds values; what leaves is the places, as FILE:LINE. It is asked only where a
promise does not hold.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gpustrap.engine.scripts import script
from gpustrap.resolve.box.survey import Survey

# Kind of shell → how the script starts it.
STARTS = {
    "a login shell": "login",
    "an interactive bash": "interactive",
    "a login sh": "posix",
    "an interactive zsh": "zsh-interactive",
    "fish": "fish",
    "a service": "service",
}
COMMANDS = {"zsh": "zsh", "fish": "fish"}  # login shells other than bash, which an ssh command starts
SAID = re.compile(r"^gpustrap-trace (\w+) (\S+) (.+)$", re.MULTILINE)
WHY = {
    "-e": "a command fails there, and {option} says `set -e`",
    "-u": "a variable is read there that is not set, and {option} says `set -u`",
}


@dataclass(frozen=True)
class Traced:
    """Variable → the place that sets it last, or that makes it readonly. `ends`: a sentence on a shell that ends."""

    sets: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    ends: str = ""


def traced(host: Any, survey: Survey, kind: str, names: Sequence[str], folder: str = "") -> Traced:
    """What such a shell says of these variables; of PATH, who takes `folder` out of it. Nothing where it says none."""
    if getattr(getattr(host, "backend", None), "rehearsing", False):
        return Traced()
    start = STARTS.get(kind) or COMMANDS.get(survey.shell.rpartition("/")[2], "command")
    answer = host.run(script("shell-trace", start=start, names=" ".join(names), folder=folder))
    return read(answer.stdout, kind)


def read(said: str, kind: str) -> Traced:
    """The script's answer. Ours are not among those who set."""
    rows = SAID.findall(said)
    sets = {name: place for what, name, place in rows if what == "set" and "gpustrap-" not in place}
    fixed = {name: place for what, name, place in rows if what == "fixed"}
    options = {name: place for what, name, place in rows if what == "option"}
    ends = next((_ends(kind, word, place, options) for what, word, place in rows if what == "ends"), "")
    return Traced(sets, fixed, ends)


def _ends(kind: str, word: str, place: str, options: Mapping[str, str]) -> str:
    option = next((name for name in ("-u", "-e") if name in options), "")
    if word == "exec":
        why = "`exec` puts another program in its place"
    elif word in ("exit", "logout"):
        why = f"`{word}` ends it"
    else:
        why = WHY[option].format(option=options[option]) if option else "what stands there ends it"
    return f"{kind} ends at {place}, before it can run a command: {why}; take that away there"
