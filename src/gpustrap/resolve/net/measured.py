"""What was measured of the mirrors, as it is remembered on the box, and which of them it speaks for. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from gpustrap.language import tr

GOOD = ("works", "slow")
NO_FILES = "no_files"  # its index answers, its large files do not come: they are elsewhere, as a redirect may say
XET = "xet"  # in a kind's place: where Xet's transfers go, which is no choice
ENOUGH = 10_000_000  # bytes a second, beyond which faster is no better
BETTER = 1.5  # so many times as fast has to be what takes another's place
DAY_SECONDS = 86_400
MOST_ROWS = 100


@dataclass(frozen=True)
class Row:
    """One place, upstream without a `url`. `cause` is a word of `causes`, `rate` bytes a second, 0 where not known."""

    kind: str
    url: str | None
    cause: str
    first: float = 0.0  # seconds to the first of the small file
    rate: int = 0


@dataclass(frozen=True)
class Measured:
    """`at` is seconds since 1970 by the computer that measured; `chosen` is kind → URL, None for upstream."""

    at: int
    by: str = "curl"
    rows: tuple[Row, ...] = ()
    chosen: Mapping[str, str | None] = field(default_factory=dict)


def is_fresh(known: Measured | None, now: float) -> bool:
    return known is not None and 0 <= now - known.at < DAY_SECONDS


def choose(rows: Sequence[Row], before: Mapping[str, str | None]) -> dict[str, str | None]:
    """Of each kind the place to ask; upstream where nothing answers as it should.

    The one chosen before stays, else upstream, as long as no other is much faster.
    """
    return {kind: _best([row for row in rows if row.kind == kind], before.get(kind)) for kind in _kinds(rows)}


def _kinds(rows: Iterable[Row]) -> list[str]:
    return list(dict.fromkeys(row.kind for row in rows if row.kind != XET))


def merged(rows: Iterable[Row]) -> list[Row]:
    """One row a place: of its parts the first that does not work, with the rate of the one that was timed."""
    found: dict[tuple[str, str | None], Row] = {}
    for row in rows:
        old = found.setdefault((row.kind, row.url), row)
        worse = row if old.cause in GOOD and row.cause not in GOOD else old
        found[row.kind, row.url] = replace(worse, rate=max(old.rate, row.rate) if worse.cause in GOOD else worse.rate)
    return list(found.values())


def _best(rows: Sequence[Row], before: str | None) -> str | None:
    good = [row for row in rows if row.cause in GOOD] or [row for row in rows if row.cause == NO_FILES]
    if not good:
        return None
    best = max(map(_speed, good))
    near = [row.url for row in good if _speed(row) * BETTER >= best]
    return before if before in near else None if None in near else near[0]


def ranked(known: Measured, kind: str) -> list[str]:
    """The places of a kind that work, the chosen one first, then the fastest."""
    good = [row for row in known.rows if row.kind == kind and row.cause in GOOD and row.url]
    first = known.chosen.get(kind)
    return [str(row.url) for row in sorted(good, key=lambda row: (row.url != first, -_speed(row)))]


def _speed(row: Row) -> float:
    """By rate where one was measured; one that gives no large file comes after all that do."""
    return float(min(row.rate, ENOUGH)) or 0.001 / max(row.first, 0.05)


def said(known: Measured, kind: str, names: Mapping[str, str]) -> str:
    """Why it was chosen, with what each place answered."""
    rows = [row for row in known.rows if row.kind == kind]
    told = ", ".join(f"{names.get(row.url or '', row.url or 'upstream')} {_figure(row)}" for row in rows)
    if not any(row.cause in (*GOOD, NO_FILES) for row in rows):
        return tr("measured, and none of these works: {told}", told=told)
    return tr("measured: {told}", told=told)


def _figure(row: Row) -> str:
    if row.cause not in GOOD:
        return row.cause.replace("_", " ")
    return f"{row.rate / 1e6:.1f} MB/s" if row.rate else f"{row.first * 1000:.0f} ms"


def write(known: Measured) -> str:
    """As it is remembered: one line of JSON."""
    return json.dumps({**asdict(known), "rows": [list(asdict(row).values()) for row in known.rows]}) + "\n"


def read(text: str | None) -> Measured | None:
    """What was remembered; None where it is not what we write. A box may say anything."""
    try:
        told = json.loads(text or "")
        rows = tuple(_row(each) for each in told["rows"][:MOST_ROWS])
        urls = {None, *(row.url for row in rows)}
        chosen = {str(kind): url for kind, url in told["chosen"].items() if url in urls}
        return Measured(int(told["at"]), str(told["by"])[:10], rows, chosen)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return None


def _row(told: Any) -> Row:
    kind, url, cause, first, rate = told
    if url is not None and not str(url).startswith(("http://", "https://")):
        raise ValueError(url)
    return Row(str(kind), url if url is None else str(url), str(cause)[:40], float(first), int(rate))
