from __future__ import annotations

import re

from gpustrap.catalog.uv import load_uv_wheels


def test_one_version_for_every_architecture():
    wheels = load_uv_wheels()
    assert set(wheels) == {"x86_64", "aarch64"}
    assert len({wheel.version for wheel in wheels.values()}) == 1


def test_every_wheel_is_known_by_its_own_hash():
    hashes = [wheel.sha256 for wheel in load_uv_wheels().values()]
    assert all(re.fullmatch("[0-9a-f]{64}", each) for each in hashes)
    assert len(set(hashes)) == len(hashes)
