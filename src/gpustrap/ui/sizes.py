"""How much would be downloaded and how long that takes, in words. No time is said that rests on no measurement."""

from __future__ import annotations

from collections.abc import Sequence

from gpustrap.language import tr
from gpustrap.resolve.download import Fetch
from gpustrap.ui.progress import duration

MB, GB = 10**6, 10**9


def fetches_in_words(fetches: Sequence[Fetch]) -> list[str]:
    """The size and the time of all together; nothing where nothing is downloaded.

    `["about 4.07 GB to download", "about 7 min at the rates measured there"]`
    """
    sizes = [fetch.size for fetch in fetches if fetch.size is not None]
    if not fetches:
        return []
    if not sizes:
        return [tr("downloads, size and time unknown")]
    words = {"size": amount(sum(sizes))}
    if len(sizes) < len(fetches):
        return [tr("at least {size} to download", **words), tr("time unknown: not every size is known")]
    return [tr("about {size} to download", **words), _time(fetches)]


def amount(size: int) -> str:
    """`4.07 GB`, `27 MB`, `1 MB` for what is less (10⁹ and 10⁶ bytes)."""
    return f"{size / GB:.2f} GB" if size >= GB else f"{max(round(size / MB), 1)} MB"


def _time(fetches: Sequence[Fetch]) -> str:
    seconds = [fetch.size / fetch.rate for fetch in fetches if fetch.size is not None and fetch.rate]
    if len(seconds) < len(fetches):
        return tr("time unknown: no rate measured")
    return tr("about {time} at the rate measured there", time=duration(sum(seconds)))
