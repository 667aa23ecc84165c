from __future__ import annotations

from gpustrap.resolve.net.lent import needed


def test_what_the_services_need_is_lent_and_no_whole_country(frozen_catalog) -> None:
    found = needed()
    assert {".github.com", ".huggingface.co", "huggingface.co", "hf-mirror.com", "repo.anaconda.com"} <= set(found)
    assert all(name.strip(".").count(".") >= 1 for name in found)
