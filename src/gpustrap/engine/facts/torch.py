"""Which torch a Python has, without importing it."""

from __future__ import annotations

from collections.abc import Sequence

from pyinfra.api import FactBase, QuoteString, StringCommand

_ASK = """
import sys
from importlib import metadata
print("gpustrap python", "%d.%d" % sys.version_info[:2])
for name in sys.argv[1:]:
    try: print("gpustrap", name, metadata.version(name))
    except metadata.PackageNotFoundError: pass
"""


class PythonPackages(FactBase[dict[str, str]]):
    """Package → version of those of `packages` that the interpreter `python` has, and "python" → "3.11".

    Empty where there is no interpreter that runs.
    """

    def command(self, python: str, packages: Sequence[str]) -> StringCommand:
        return StringCommand(
            QuoteString(python), "-I", "-c", QuoteString(_ASK), *map(QuoteString, packages), "2>/dev/null || true"
        )

    @staticmethod
    def default() -> dict[str, str]:
        return {}

    def process(self, output: list[str]) -> dict[str, str]:
        rows = (line.split() for line in output)
        return {row[1]: row[2] for row in rows if len(row) == 3 and row[0] == "gpustrap"}
