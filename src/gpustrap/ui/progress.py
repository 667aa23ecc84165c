"""How far a download is, as a line that an instance prints tells it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gpustrap.language import tr

# As templates/torch/fetch.sh.j2 prints it every few seconds.
_LINE = re.compile(r"(\S+) (\d{1,9}) of (\d{1,9}) MB, (\d{1,6}\.\d) MB/s")
MINUTE, HOUR = 60, 3600


@dataclass(frozen=True)
class Progress:
    """One download. `total_mb` is more than 0."""

    name: str
    had_mb: int
    total_mb: int
    mb_per_second: float

    @property
    def percent(self) -> int:
        return min(100 * self.had_mb // self.total_mb, 100)

    def __str__(self) -> str:
        rate = tr(
            "{had_mb} of {total_mb} MB, {mb_per_second:.1f} MB/s",
            had_mb=self.had_mb,
            total_mb=self.total_mb,
            mb_per_second=self.mb_per_second,
        )
        return ", ".join([f"{self.name} {self.percent} %", rate, *self._left()])

    def _left(self) -> list[str]:
        left = self.total_mb - self.had_mb
        return (
            [tr("{time} left", time=duration(left / self.mb_per_second))] if self.mb_per_second > 0 and left > 0 else []
        )


def progress_of(line: str) -> Progress | None:
    """The download that the line tells of; None for every other line, and while the size is not known."""
    found = _LINE.fullmatch(line.strip())
    if found is None or int(found[3]) == 0:
        return None
    return Progress(found[1], int(found[2]), int(found[3]), float(found[4]))


def duration(seconds: float) -> str:
    """`40 s`, `3 min`, `2 h 5 min`."""
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    minutes = round(seconds / MINUTE)
    return (
        tr("{minutes} min", minutes=minutes)
        if seconds < HOUR
        else tr("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)
    )
