"""What is decided on parts; tests/lab/hub fetches by the real client."""

from __future__ import annotations

from pathlib import Path

import pytest


def test_a_part_that_another_writes_is_left_to_him(tmp_path: Path) -> None:
    from gpustrap.engine.hub.asked import Trouble
    from gpustrap.engine.hub.fetch import _alone

    part = tmp_path / "aa.gpustrap"
    with part.open("ab") as first, part.open("ab") as second:
        _alone(first, part)
        with pytest.raises(Trouble) as trouble:
            _alone(second, part)
    assert trouble.value.word == "taken"
