"""Lines of what comes in pieces of any size. Pure."""

from __future__ import annotations

from collections.abc import Callable


class Lines:
    """Cuts what comes into lines; a progress bar's `\\r` ends one too."""

    def __init__(self, hear: Callable[[str], None]):
        self._hear = hear
        self._rest = b""

    def take(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).replace(b"\r", b"\n").split(b"\n")
        for line in lines:
            if line:
                self._hear(line.decode("utf-8", "replace"))
