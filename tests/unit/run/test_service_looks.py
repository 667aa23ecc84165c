from __future__ import annotations

import pytest

from gpustrap.engine.facts.tmux import Running
from gpustrap.run.service_looks import STATES, state_of


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        (Running("id", True), "ready"),
        (Running("id", True, ended=True), "ended"),
        (Running("id", False, trouble="nothing listens on its port"), "not ready"),
        (Running("id", False, stopped=True), "not ready"),
        (Running("id", False, ended=True, trouble="it has ended with 3"), "failed"),
        (Running("", False, refused=True), "failed"),
    ],
)
def test_a_service_is_in_one_state(seen, state):
    assert state_of(seen) == state
    assert state in STATES
