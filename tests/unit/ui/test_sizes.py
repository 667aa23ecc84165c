"""What is downloaded is said where it is known, and a time only where a rate was measured."""

from __future__ import annotations

import pytest

from gpustrap.resolve.download import Fetch
from gpustrap.ui.sizes import amount, fetches_in_words

NO_RATE, RATE = Fetch(4_068_266_676), Fetch(600_000_000, 10_000_000)


@pytest.mark.parametrize(
    ("fetches", "said"),
    [
        ([], []),
        ([Fetch(None)], ["downloads, size and time unknown"]),
        ([Fetch(None, 5)], ["downloads, size and time unknown"]),
        ([NO_RATE], ["about 4.07 GB to download", "time unknown: no rate measured"]),
        ([RATE], ["about 600 MB to download", "about 1 min at the rate measured there"]),
        ([RATE, RATE], ["about 1.20 GB to download", "about 2 min at the rate measured there"]),
        ([RATE, NO_RATE], ["about 4.67 GB to download", "time unknown: no rate measured"]),
        ([RATE, Fetch(None)], ["at least 600 MB to download", "time unknown: not every size is known"]),
    ],
)
def test_sizes_and_times_are_told_as_far_as_they_are_known(fetches, said):
    assert fetches_in_words(fetches) == said


@pytest.mark.parametrize(("size", "said"), [(1, "1 MB"), (26_600_000, "27 MB"), (10**9, "1.00 GB")])
def test_an_amount_has_the_unit_that_fits(size, said):
    assert amount(size) == said
