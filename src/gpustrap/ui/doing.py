"""What an instance is at while a run goes on, for the live part of the screen."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

SOON_SECONDS = 2  # what is done sooner needs no clock


@dataclass
class Doing:
    """What an instance is at, since when, and the last line that it printed."""

    text: str
    since: float = field(default_factory=time.monotonic)
    printed: str = ""

    def __str__(self) -> str:
        seconds = int(time.monotonic() - self.since)
        text = f"{self.text} ({seconds} s)" if seconds >= SOON_SECONDS else self.text
        return f"{text}: {self.printed}" if self.printed else text
