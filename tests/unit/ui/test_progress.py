from __future__ import annotations

import pytest

from gpustrap.ui.progress import duration, progress_of


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("torch 512 of 900 MB, 3.1 MB/s", "torch 56 %, 512 of 900 MB, 3.1 MB/s, 2 min left"),
        (" nvidia_cublas_cu12 0 of 594 MB, 0.0 MB/s\n", "nvidia_cublas_cu12 0 %, 0 of 594 MB, 0.0 MB/s"),
        ("torch 901 of 900 MB, 3.1 MB/s", "torch 100 %, 901 of 900 MB, 3.1 MB/s"),
        ("torch 5 of ? MB, 3.1 MB/s", None),
        ("torch 5 of 0 MB, 3.1 MB/s", None),
        ("torch 512 of 900 MB", None),
        ("[gpustrap] torch: all 900 MB are there", None),
        ("", None),
    ],
)
def test_how_far_a_download_is(line, told):
    found = progress_of(line)
    assert (found and str(found)) == told


@pytest.mark.parametrize(
    ("seconds", "told"), [(0, "0 s"), (59.4, "59 s"), (60, "1 min"), (3540, "59 min"), (7500, "2 h 5 min")]
)
def test_a_duration_is_told_in_two_figures_at_most(seconds, told):
    assert duration(seconds) == told
