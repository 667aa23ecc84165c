from __future__ import annotations

from dataclasses import replace

import pytest

from gpustrap.catalog.providers import load_providers
from gpustrap.resolve.box.region import Region, choose_region


@pytest.mark.parametrize("provider", ["gpushare", "plain"])
@pytest.mark.parametrize("written", ["cn", "global"])
def test_what_is_written_counts_whatever_the_provider(survey, written: str, provider: str) -> None:
    found = choose_region(written, replace(survey, provider=provider))
    assert found == Region(written, f"hosts.yml says region: {written}")


@pytest.mark.parametrize("row", load_providers(), ids=lambda row: row.name)
def test_auto_is_where_the_provider_rents(survey, row) -> None:
    found = choose_region("auto", replace(survey, provider=row.name, provider_reason="/x exists"))
    if row.region == "cn":
        assert found == Region("cn", f"{row.title} rents in China (/x exists)")
    else:
        assert found == Region("global", f"region: auto, and nothing says that {row.name} is in China")


def test_a_provider_that_is_not_in_the_catalog_is_nowhere_known(survey) -> None:
    found = choose_region("auto", replace(survey, provider="mine"))
    assert found == Region("global", "region: auto, and nothing says that mine is in China")
