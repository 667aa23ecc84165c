"""Round trips of a connection, counted where it passes by. Pure but for `keep`."""

from __future__ import annotations

from pathlib import Path


class Turns:
    """How often the client speaks because of what it has heard: the round trips that it waits for.

    Two that are less than a round trip apart do not wait for each other.
    """

    def __init__(self, rtt_s: float):
        self.count = 0
        self._rtt_s = rtt_s
        self._heard = False
        self._last_s = float("-inf")

    def hears(self, _now_s: float) -> None:
        self._heard = True

    def speaks(self, now_s: float) -> None:
        if self._heard and now_s - self._last_s >= 0.9 * self._rtt_s:
            self.count, self._last_s = self.count + 1, now_s
        self._heard = False

    def keep(self, file: Path | None) -> None:
        """Add the count to the file as a line."""
        if file is not None:
            with file.open("a", encoding="utf-8") as lines:
                lines.write(f"{self.count}\n")
