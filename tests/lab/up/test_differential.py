"""A few states of tests/lab/differential.py, whose long form tries hundreds."""

from __future__ import annotations

import random
import sys
from importlib import util
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.one_release

STATES = 5
ENDS = 2


@pytest.fixture(scope="module")
def differential() -> Any:
    spec = util.spec_from_file_location("differential", Path(__file__).parents[1] / "differential.py")
    assert spec is not None and spec.loader is not None
    module = util.module_from_spec(spec)
    sys.modules["differential"] = module  # where dataclasses look
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def sides(differential, make_shared_box, tmp_path_factory) -> Any:
    with differential.two_boxes(make_shared_box, tmp_path_factory.mktemp("differential")) as both:
        yield both


def test_ahead_and_one_after_the_other_change_say_and_leave_the_same(differential, sides) -> None:
    said: list[str] = []
    assert differential.differing(sides, STATES, 7, said.append) == 0, "\n".join(said)
    assert len(said) == STATES


def test_a_run_that_is_killed_or_cut_at_any_moment_is_mended_by_the_next_one(differential, sides) -> None:
    chance, paths = random.Random(7), differential.paths_of(sides[0])
    for _ in range(ENDS):
        done = differential.damage(chance, paths, mends=True)
        assert differential.interrupted(sides[0], chance, done) == [], done.words
