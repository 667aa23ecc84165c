"""Xet is used or not as the bytes come, where that was measured; what is written counts first."""

from __future__ import annotations

import pytest

from gpustrap.resolve.net.measured import Measured, Row
from roles.mirrors.hugging_face import hugging_face

SWITCH = "HF_HUB_DISABLE_XET"


@pytest.mark.parametrize(
    ("old", "new", "switch", "said"),
    [
        ("works", "works", None, ""),
        ("works", "http_404", None, ""),
        ("works", "black_hole", "1", "Hugging Face's Xet is off: measured, its server does not answer (black hole)"),
        ("no_files", "http_403", "0", "Hugging Face's Xet is on: measured, its server answers"),
        ("no_files", "tls_reset", None, ""),
        (None, "works", None, ""),
    ],
)
def test_of_the_two_ways_the_one_that_works_is_taken(settings, survey, old, new, switch, said):
    rows = [Row("hf", None, old)] if old else []
    measured = Measured(1, "curl", (*rows, Row("hf", "https://m", "works"), Row("xet", None, new)))
    variables, reasons = hugging_face(settings("mirrors"), None, survey, measured)
    assert variables.get(SWITCH) == switch
    assert "".join(reasons).startswith(said)


@pytest.mark.parametrize(("keys", "switch"), [({"xet": "on"}, "0"), ({"xet": "off"}, "1"), ({}, "1")])
def test_what_is_written_and_a_mirror_count_first(settings, survey, keys, switch):
    measured = Measured(1, "curl", (Row("hf", None, "works"), Row("xet", None, "black_hole")))
    url = None if keys else "https://m"
    assert hugging_face(settings("mirrors", **keys), url, survey, measured)[0][SWITCH] == switch
