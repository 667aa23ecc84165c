from __future__ import annotations

from gpustrap.catalog.uv import load_uv_wheels


def test_wheels_come_by_architecture(small_catalog: None) -> None:
    assert {arch: wheel.arch for arch, wheel in load_uv_wheels().items()} == {"x86_64": "x86_64", "aarch64": "aarch64"}
