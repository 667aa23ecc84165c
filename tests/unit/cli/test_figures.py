from __future__ import annotations

import pytest

from gpustrap.cli.figures import duration, size


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 MiB"),
        (12_582_912, "12 MiB"),
        (1023 * 2**20, "1023 MiB"),
        (2**30, "1.0 GiB"),
        (20.1 * 2**30, "20.1 GiB"),
    ],
)
def test_bytes_are_said_in_the_unit_that_leaves_few_digits(count, text):
    assert size(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (7, "7 s"), (302, "5 min 2 s"), (93784, "1 d 2 h"), (86400, "1 d")]
)
def test_a_time_is_its_two_largest_units(seconds, text):
    assert duration(seconds) == text
