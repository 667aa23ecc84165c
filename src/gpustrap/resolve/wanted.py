"""A file that a decision wants on the box: which template, with which values. Values only; the engine renders it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class WantedFile:
    """What the template `src` gives with `values`, at `dest`; None: ours is taken away.

    With `block` it is a marked range of lines in a file of others, at its end or `top`; one that is `last` is moved to
    the end, since what others have put behind it would count before it. With `keys` it is settings in
    a file of others, written in that form: the template's keys are set there, and every other byte stays. `part`
    tells a role's keys from another's.
    """

    dest: str
    src: str | None
    values: Mapping[str, Any] = field(default_factory=dict)
    mode: str = "644"
    block: str = ""
    top: bool = False
    last: bool = False
    keys: Literal["", "ini", "toml", "yaml"] = ""
    part: str = ""
