"""A download has the rate that was measured of its own place, and of no other."""

from __future__ import annotations

import pytest

from gpustrap.resolve.download import Download, Fetch, fetch_of
from gpustrap.resolve.net.measured import Measured, Row

MIRROR = "https://mirror.example/simple"
MEASURED = Measured(
    0,
    rows=(
        Row("pypi", None, "timeout"),
        Row("pypi", MIRROR, "works", 0.1, 9_000_000),
        Row("hf", None, "slow", 0.4, 300_000),
        Row("npm", None, "works", 0.1, 0),
        Row("apt", MIRROR, "forbidden", 0.1, 5),
    ),
)


@pytest.mark.parametrize(
    ("download", "rate"),
    [
        (Download(7, "pypi", MIRROR), 9_000_000),
        (Download(7, "pypi", f"{MIRROR}/"), 9_000_000),
        (Download(7, "hf"), 300_000),  # upstream
        (Download(7, "pypi"), None),  # it did not answer
        (Download(7, "apt", MIRROR), None),  # it answered something else
        (Download(7, "npm"), None),  # gave no large file
        (Download(7, "pypi", "https://other.example/simple"), None),
        (Download(7), None),  # no place of its own is measured
    ],
)
def test_the_rate_is_its_own_places(download, rate):
    assert fetch_of(download, MEASURED) == Fetch(7, rate)
    assert fetch_of(download, None) == Fetch(7)
