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
from gpustrap.language import mark, tr
from gpustrap.resolve.box.survey import Survey

# Kind of shell → how the script starts it.
STARTS = {
    mark("a login shell"): "login",
    mark("an interactive bash"): "interactive",
    mark("a login sh"): "posix",
    mark("an interactive zsh"): "zsh-interactive",
    "fish": "fish",
    mark("a service"): "service",
}
COMMANDS = {"zsh": "zsh", "fish": "fish"}  # login shells other than bash, which an ssh command starts
SAID = re.compile(r"^gpustrap-trace (\w+) (\S+) (.+)$", re.MULTILINE)
FAILS = mark("a command fails there, and {option} says `set -e`")
UNSET = mark("a variable is read there that is not set, and {option} says `set -u`")
WHY = {"-e": FAILS, "-u": UNSET}


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
    why = tr(WHY[option], option=options[option]) if option else tr("what stands there ends it")
    if word == "exec":
        why = tr("`exec` puts another program in its place")
    elif word == "syntax":
        why = tr("the shell cannot read what stands there, as with line ends of Windows")
    elif word in ("exit", "logout"):
        why = tr("`{word}` ends it", word=word)
    said = tr("{kind} ends at {place}, before it can run a command: {why}", kind=tr(kind), place=place, why=why)
    return said + tr("; take that away there")
