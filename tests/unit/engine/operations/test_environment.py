"""What is said of an environment; its cases stand in tests/operations/environment.installed."""

from __future__ import annotations

import pytest

from gpustrap.engine.operations.environment import _why
from gpustrap.resolve.environment import Environment

OWN = Environment("/uv", "/app", "uv.lock", "/app/.venv/bin/python")


@pytest.mark.parametrize(
    ("there", "why"),
    [
        ("absent", "/app/.venv/bin/python: is made, as uv.lock asks for it"),
        ("lacking", "/app/.venv/bin/python: lacks something that uv.lock asks for"),
        ("ready", "the last installation did not end well and is done again"),
    ],
)
def test_why_it_is_made_is_said(there: str, why: str) -> None:
    assert _why(there, OWN) == why
