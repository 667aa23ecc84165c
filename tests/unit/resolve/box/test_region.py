from __future__ import annotations

from dataclasses import replace

import pytest

from gpustrap.resolve.box.region import Region, choose_region


@pytest.mark.parametrize("provider", ["gpushare", "plain"])
@pytest.mark.parametrize("written", ["cn", "global"])
def test_what_is_written_counts_whatever_the_provider(survey, written: str, provider: str) -> None:
    found = choose_region(written, replace(survey, provider=provider))
    assert found == Region(written, f"hosts.yml says region: {written}")


def test_auto_is_where_the_provider_rents(survey, small_catalog: None) -> None:
    found = choose_region("auto", replace(survey, provider="gpushare", provider_reason="/x exists"))
    assert found == Region("cn", "gpushare (恒源云) rents in China (/x exists)")


def test_auto_is_global_where_the_provider_is_not_in_china(survey, small_catalog: None) -> None:
    found = choose_region("auto", replace(survey, provider="runpod"))
    assert found == Region("global", "region: auto, and nothing says that it is in China")


def test_a_provider_that_is_not_in_the_catalog_is_nowhere_known(survey) -> None:
    found = choose_region("auto", replace(survey, provider="mine"))
    assert found == Region("global", "region: auto, and nothing says that it is in China")
