"""What a change fetches from the net, and how fast that place was when it was measured. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gpustrap.resolve.net.measured import GOOD, Measured


@dataclass(frozen=True)
class Download:
    """`size` in bytes, None where nobody knows it. `kind` and `url` name the place as mirrors are measured.

    Without a `kind` no place is measured for it; without a `url` it is upstream.
    """

    size: int | None
    kind: str = ""
    url: str | None = None


@dataclass(frozen=True)
class Fetch:
    """`size` in bytes and `rate` in bytes a second, each None where it is not known."""

    size: int | None
    rate: int | None = None


def fetch_of(download: Download, measured: Measured | None) -> Fetch:
    """The download with the rate that the instance remembers of its place; of no other place."""
    rows = measured.rows if measured else ()
    rates = (row.rate for row in rows if _is_place(download, row.kind, row.url) and row.cause in GOOD and row.rate > 0)
    return Fetch(download.size, next(rates, None))


def _is_place(download: Download, kind: str, url: str | None) -> bool:
    return bool(download.kind) and kind == download.kind and _bare(url) == _bare(download.url)


def _bare(url: str | None) -> str:
    return (url or "").rstrip("/")
