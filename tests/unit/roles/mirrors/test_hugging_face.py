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
        (
            "works",
            "black_hole",
            "1",
            "Hugging Face's Xet is off: measured, its server does not answer (black hole), and "
            "files come without it; without it the client refuses files over 50 GB (xet: on allows them)",
        ),
        (
            "no_files",
            "http_403",
            "0",
            "Hugging Face's Xet is on: measured, its server answers, and without it large files do not come (no files)",
        ),
        ("no_files", "tls_reset", None, ""),
        (None, "works", None, ""),
        ("works", None, None, ""),
    ],
)
def test_of_the_two_ways_the_one_that_works_is_taken(settings, survey, old, new, switch, said):
    """Upstream's, whatever a mirror answered."""
    places = (("hf", "https://m", "works"), ("hf", None, old), ("xet", "https://m", "dns"), ("xet", None, new))
    measured = Measured(1, "curl", tuple(Row(*place) for place in places if place[2]))
    variables, reasons = hugging_face(settings("mirrors"), None, survey, measured)
    assert (variables, reasons) == (({SWITCH: switch}, (said,)) if switch else ({}, ()))


@pytest.mark.parametrize("new", ["works", "slow", "http_403", "http_404", "http_status", "error_page"])
def test_any_answer_of_its_server_counts(settings, survey, new):
    measured = Measured(1, "curl", (Row("hf", None, "no_files"), Row("xet", None, new)))
    assert hugging_face(settings("mirrors"), None, survey, measured)[0] == {SWITCH: "0"}


@pytest.mark.parametrize(("keys", "switch"), [({"xet": "on"}, "0"), ({"xet": "off"}, "1"), ({}, "1")])
def test_what_is_written_and_a_mirror_count_first(settings, survey, keys, switch):
    measured = Measured(1, "curl", (Row("hf", None, "works"), Row("xet", None, "black_hole")))
    url = None if keys else "https://m"
    variables, reasons = hugging_face(settings("mirrors", **keys), url, survey, measured)
    assert variables[SWITCH] == switch
    off = "without it the client refuses files over 50 GB (xet: on allows them)"
    assert reasons[-1] == {
        "on": "Hugging Face's Xet is on: hosts.yml says so; its transfers go past the mirror, to Hugging Face's own hosts",
        "off": f"Hugging Face's Xet is off: hosts.yml says so; {off}",
    }.get(keys.get("xet", ""), f"Hugging Face's Xet is off: its transfers would go past the mirror; {off}")
