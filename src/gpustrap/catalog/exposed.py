"""Programs that give whoever reaches their port more than a page: a shell, their models."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Literal

from gpustrap.catalog.rows import Row, read_rows


class Exposed(Row):
    """One program. The regular expressions are looked for in a service's command.

    `programs` are words of a command, or parts of a path in it, in lower case. `variable` is where the program takes
    the secret that it asks everybody for; `asks` tells whether it asks for one without any setting.
    """

    name: str
    programs: tuple[str, ...]
    gives: Literal["a shell", "its models"]
    asks: bool
    variable: str | None
    closed_by: tuple[str, ...] = ()
    opened_by: tuple[str, ...] = ()
    note: str | None

    def is_open(self, command: str, env: Mapping[str, object]) -> bool:
        """Whether everybody is let in who reaches a service of this command and environment."""
        if _found(self.closed_by, command):
            return False
        if _found(self.opened_by, command):
            return True
        if self.variable and self.variable in env:
            return not env[self.variable]
        return not self.asks


@cache
def load_exposed() -> tuple[Exposed, ...]:
    """Every row, in file order. Raises CatalogError naming file, line and key of each bad row."""
    return read_rows("exposed.jsonl", Exposed)


def exposed_by(command: str, cwd: str = "") -> Exposed | None:
    """The program that a command runs, if it is one of the table. One that is called by a script is not seen."""
    words = {part.lower() for word in re.findall(r"[\w./-]+", f"{command} {cwd}") for part in word.split("/")}
    return next((row for row in load_exposed() if words & set(row.programs)), None)


def _found(patterns: Iterable[str], command: str) -> bool:
    return any(re.search(pattern, command) for pattern in patterns)
