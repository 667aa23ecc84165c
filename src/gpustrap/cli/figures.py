"""Seconds and bytes in words."""

from __future__ import annotations

UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
KIB = 1024


def duration(seconds: int) -> str:
    """`3 d 4 h`, `5 min 2 s`, `7 s`: the two largest units."""
    parts, rest = [], seconds
    for size, unit in UNITS:
        count, rest = divmod(rest, size)
        parts += [f"{count} {unit}"] if count else []
    return " ".join(parts[:2]) or "0 s"


def size(count: float) -> str:
    """`12 MiB`, `1.5 GiB`: bytes in the unit that leaves few digits."""
    count /= KIB * KIB
    return f"{count / KIB:.1f} GiB" if count >= KIB else f"{count:.0f} MiB"
