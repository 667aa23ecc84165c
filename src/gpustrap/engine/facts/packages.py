"""Which Debian packages are installed."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from pyinfra.api import FactBase

from gpustrap.engine.scripts import clean


class InstalledPackages(FactBase[frozenset[str]]):
    """Those of `packages` that dpkg has installed and configured, and what installed packages stand for."""

    def command(self, packages: Sequence[str]) -> str:
        return clean("packages-look") + f"look {shlex.join(packages)}\n"

    @staticmethod
    def default() -> frozenset[str]:
        return frozenset()

    def process(self, output: list[str]) -> frozenset[str]:
        rows = [line.split(" ", 2) for line in output]
        there = {row[2] for row in rows if row[:2] == ["package", "installed"] and len(row) == 3}
        for row in rows:
            if row[:2] == ["provides", "installed"] and len(row) == 3:
                there |= {name.split()[0] for name in row[2].split(",") if name.strip()}  # "mail-agent (= 1)"
        return frozenset(there)
