"""The uv that instances get: one version, its wheel known by hash for each architecture."""

from __future__ import annotations

from functools import cache
from typing import Literal

from gpustrap.catalog.rows import Row, read_rows


class UvWheel(Row):
    """One wheel of uv: `py3-none-manylinux_2_17_<arch>`, so it needs glibc ≥ 2.17 and no Python."""

    version: str
    arch: Literal["x86_64", "aarch64"]
    sha256: str


@cache
def load_uv_wheels() -> dict[str, UvWheel]:
    """Architecture → wheel."""
    return {row.arch: row for row in read_rows("uv.jsonl", UvWheel)}
