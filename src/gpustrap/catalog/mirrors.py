"""Third-party mirrors. Upstream is the absence of a row: the client's own default."""

from __future__ import annotations

from functools import cache
from typing import Literal

from gpustrap.catalog.rows import Row, read_rows

Kind = Literal["pypi", "apt", "conda", "npm", "git", "hf", "torch", "python-build"]


class Mirror(Row):
    """One mirror. Rows of one kind stand in order of preference; all are candidates, to be probed.

    `form` of a torch mirror is `pep503` (an index) or `flat` (a directory, for --find-links); its `url` holds
    `{tag}` where cu128 goes. `url` of apt is the archive's root for `distro`, of conda the folder above
    `pkgs` and `cloud`, of git the prefix that stands for `https://github.com/`.
    """

    kind: Kind
    name: str
    region: Literal["cn", "global"]
    url: str
    form: Literal["pep503", "flat", "apt", "conda", "npm", "prefix", "hf", "uv"]
    distro: str | None
    note: str | None


@cache
def load_mirrors() -> tuple[Mirror, ...]:
    """Every mirror, in file order. Raises CatalogError naming file, line and key of each bad row."""
    return read_rows("mirrors.jsonl", Mirror)


def mirrors_of(kind: Kind, region: str) -> tuple[Mirror, ...]:
    """The mirrors of one kind for one region, best first."""
    return tuple(mirror for mirror in load_mirrors() if (mirror.kind, mirror.region) == (kind, region))
