"""Each part of a box beside what is wanted of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gpustrap.resolve.box.survey import PcieLink, VisibleCard
from gpustrap.resolve.net.worth import CardUse, Parts, worth

GOOD = Parts(2_000_000, 100_000_000, True, 262144, 1025, (CardUse(0, 1024, 5, 0),))
CARD = VisibleCard("NVIDIA L4", (8, 9), 24576, PcieLink(1, 4, 16, 16))


@pytest.fixture
def graded(survey):
    """`graded(parts, cpus=1)`: part → grade, on a box with one card that differs so."""

    def of(parts, **box):
        fit = {"cpus": 4.0, "memory_bytes": 24 * 2**30, "gpus": (CARD,), **box}
        return {one.part: one.good for one in worth(parts, replace(survey, **fit))}

    return of


def test_a_box_at_the_thresholds_is_good_in_every_part(graded) -> None:
    parts = "egress disk avx2 cpus memory shm pids card0.idle card0.clean card0.pcie".split()
    assert graded(GOOD) == dict.fromkeys(parts, True)


@pytest.mark.parametrize(
    ("part", "parts", "box"),
    [
        ("egress", {"egress": 1_999_999}, {}),
        ("disk", {"disk": 99_999_999}, {}),
        ("avx2", {"avx2": False}, {}),
        ("cpus", {}, {"cpus": 3.9}),
        ("cpus", {}, {"gpus": (CARD, CARD), "memory_bytes": 2**40}),
        ("memory", {}, {"memory_bytes": 24 * 2**30 - 1}),
        ("shm", {"shm_kib": 65536}, {}),
        ("pids", {"pids": 1024}, {}),
        ("card0.idle", {"cards": (CardUse(0, 1025, 0, 0),)}, {}),
        ("card0.idle", {"cards": (CardUse(0, 1, 6, 0),)}, {}),
        ("card0.clean", {"cards": (CardUse(0, 1, 0, 1),)}, {}),
        ("card0.pcie", {}, {"gpus": (replace(CARD, pcie=PcieLink(4, 4, 4, 16)),)}),
    ],
)
def test_what_is_below_its_threshold_is_low_and_alone(graded, part, parts, box) -> None:
    assert [name for name, good in graded(replace(GOOD, **parts), **box).items() if not good] == [part]


def test_what_is_not_told_is_neither_good_nor_low(graded) -> None:
    nothing = Parts(cards=(CardUse(0, None, None, None),))
    told = graded(nothing, gpus=(replace(CARD, pcie=None),))
    assert {name for name, good in told.items() if good is None} == {"egress", "disk", "shm", "card0.idle"}
    assert not {"avx2", "card0.clean", "card0.pcie"} & set(told)


def test_a_line_says_what_was_found_what_is_wanted_and_whence(survey) -> None:
    line = worth(replace(GOOD, disk=81_250_000), survey)[1]
    assert (line.found, line.wanted) == ("81.2 MB/s", "≥ 100 MB/s")
    assert line.source == "reckoned: a model of 16 GB is written in 3 minutes at that rate"
