"""Releases of lab targets, and flavours: what a provider's box does to a newcomer's commands, on top of any release.

A flavour is one script in `flavours/`, run as root when its image is built. Its first line says what it is;
the comment below tells each trait with its source; lines `#: KEY VALUE` say what a script cannot: `user` who
logs in (else root), `hostname`, `env NAME=VALUE` of PID 1, `disk PATH` where the data disk lies too, and `on`
the flavour that this one starts from. `{hex}`, `{number}`, `{ssh_port}` and `{http_port}` are the box's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gpustrap.errors import BadInput, Fault, nearest
from gpustrap.language import tr

SUITES = {"debian-12": "bookworm", "debian-11": "bullseye"}  # release → Debian's own name for it
RELEASES = tuple(SUITES)
FOLDER = Path(__file__).parent / "flavours"
PRELUDE = Path(__file__).parent / "flavour.sh"
KEYS = ("user", "hostname", "env", "disk", "on")


@dataclass(frozen=True)
class Flavour:
    """One recipe. What it starts from counts too: its user, variables and disks are among these."""

    name: str
    sentence: str
    script: str  # without the prelude
    on: Flavour | None = None
    user: str = "root"
    hostname: str | None = None
    env: tuple[str, ...] = ()  # NAME=VALUE
    disks: tuple[str, ...] = ()


def flavour_names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in FOLDER.glob("*.sh")))


@cache
def find_flavour(name: str) -> Flavour:
    """The flavour of this name. Raises BadInput where there is none."""
    if name not in flavour_names():
        hint = tr("`gpustrap lab flavours` says what each is")
        message = tr("there is no flavour '{name}'", name=name)
        raise BadInput(Fault(message, nearest=nearest(name, flavour_names()), hint=hint))
    return parse(name, (FOLDER / f"{name}.sh").read_text(encoding="utf-8"))


def parse(name: str, text: str) -> Flavour:
    """A recipe's text as a flavour. Raises ValueError for a line `#:` that is none of KEYS."""
    given: dict[str, list[str]] = {key: [] for key in KEYS}
    for line in re.findall(r"^#: *(.*)$", text, re.MULTILINE):
        key, _, value = line.partition(" ")
        if key not in given or not value:
            raise ValueError(f"flavours/{name}.sh: '#: {line}' is not one of {', '.join(KEYS)} with a value")
        given[key].append(value.strip())
    on = find_flavour(given["on"][0]) if given["on"] else None
    return Flavour(
        name,
        sentence=text.partition("\n")[0].removeprefix("#").strip(),
        script=text,
        on=on,
        user=given["user"][-1] if given["user"] else on.user if on else "root",
        hostname=given["hostname"][-1] if given["hostname"] else on.hostname if on else None,
        env=(*(on.env if on else ()), *given["env"]),
        disks=(*(on.disks if on else ()), *given["disk"]),
    )
