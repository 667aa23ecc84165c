"""Which uv stands at a path."""

from __future__ import annotations

from pyinfra.api import FactBase, QuoteString, StringCommand


class UvVersion(FactBase[str | None]):
    """The version that the binary at `path` says it is; None when there is none that runs."""

    def command(self, path: str) -> StringCommand:
        return StringCommand(QuoteString(path), "--version 2>/dev/null || true")

    def process(self, output: list[str]) -> str | None:
        words = output[0].split() if output else []
        return words[1] if len(words) > 1 and words[0] == "uv" else None
