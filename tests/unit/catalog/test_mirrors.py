from __future__ import annotations

from gpustrap.catalog.mirrors import load_mirrors, mirrors_of


def test_mirrors_of_one_kind_and_region_keep_the_order_of_the_file(small_catalog: None) -> None:
    assert [mirror.name for mirror in mirrors_of("pypi", "cn")] == ["TUNA", "USTC"]
    assert mirrors_of("pypi", "global") == mirrors_of("npm", "cn") == ()
    assert {mirror.kind for mirror in load_mirrors()} == {"pypi", "apt", "torch"}
