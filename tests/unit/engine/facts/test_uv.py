from __future__ import annotations

import pytest

from gpustrap.engine.facts.uv import UvVersion


@pytest.mark.parametrize(
    ("output", "version"),
    [
        (["uv 0.9.11 (8d8aabb88 2025-11-20)"], "0.9.11"),
        (["uv 0.9.11"], "0.9.11"),
        ([], None),
        (["bash: uv: cannot execute binary file"], None),
        (["uv"], None),
    ],
)
def test_the_version_is_the_one_that_the_binary_says(output: list[str], version: str | None) -> None:
    assert UvVersion().process(output) == version
