from __future__ import annotations

from dataclasses import replace

import pytest

from roles.network import resolve


@pytest.fixture
def decide(settings, survey, context, frozen_catalog):
    """`decide("auto", provider="gpushare")`: the decision on a box that differs so."""

    def of(proxy: str, **box):
        return resolve.choose(settings("network", proxy=proxy), replace(survey, **box), context)

    return of
