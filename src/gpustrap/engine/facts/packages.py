"""Which Debian packages are installed."""

from __future__ import annotations

from collections.abc import Sequence

from pyinfra.api import FactBase, QuoteString, StringCommand


class InstalledPackages(FactBase[frozenset[str]]):
    """Those of `packages` that dpkg has installed and configured."""

    def command(self, packages: Sequence[str]) -> StringCommand:
        # dpkg-query exits 1 when it does not know one of them; the others are still printed.
        return StringCommand(
            "dpkg-query", "-W", "-f", QuoteString("${db:Status-Status} ${Package}\\n"),
            *map(QuoteString, packages), "2>/dev/null", "|| true",
        )  # fmt: skip

    @staticmethod
    def default() -> frozenset[str]:
        return frozenset()

    def process(self, output: list[str]) -> frozenset[str]:
        states = (line.split(" ", 1) for line in output)
        return frozenset(name for state, name in states if state == "installed")
