"""Where torch's wheels come from: what is written counts first, then what was measured, then the region."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from gpustrap.catalog.mirrors import mirrors_of
from gpustrap.resolve.net.measured import Measured, Row
from roles.torch.wheels import measured_words, supply_for

PYPI = mirrors_of("pypi", "cn")[0].url
FAR, NEAR = (mirrors_of("torch", region)[0].url for region in ("global", "cn"))


def settings(written=None):
    return SimpleNamespace(wheel_mirrors=written)


def context(*rows, chosen=None):
    measured = Measured(1, "curl", rows, {"torch": chosen}) if rows else None
    mirrors = SimpleNamespace(pypi="http://p", measured=measured)
    return SimpleNamespace(decided=lambda role: mirrors if role == "mirrors" else None, region="cn")


@pytest.mark.parametrize(
    ("rows", "urls"),
    [
        ([], [row.url for row in mirrors_of("torch", "cn")]),
        ([Row("torch", FAR, "works", 0.1, 9), Row("torch", NEAR, "no_files")], [FAR]),
        ([Row("torch", FAR, "works", 0.1, 9), Row("torch", NEAR, "works", 0.1, 99)], [NEAR, FAR]),
        (
            [Row("torch", FAR, "black_hole"), Row("torch", NEAR, "no_files")],
            [row.url for row in mirrors_of("torch", "cn")],
        ),
        *(
            ([Row("torch", other, "works", 0.1, 9)], [row.url for row in mirrors_of("torch", "cn")])
            for other in ("http://strange/{tag}", PYPI)
        ),
    ],
)
def test_what_works_is_asked_best_first(survey, rows, urls):
    supply = supply_for(settings(), survey, context(*rows))
    assert ([row.url for row in supply.wheels], supply.pypi) == (urls, "http://p")


def test_what_each_answered_is_said_unless_places_are_written(survey):
    one = context(Row("torch", FAR, "works", 0.1, 9_000_000), Row("torch", NEAR, "no_files"), chosen=FAR)
    names = [mirrors_of("torch", region)[0].name for region in ("global", "cn")]
    (said,) = measured_words(settings(), one)
    assert said == f"PyTorch's wheels: measured: {names[0]} 9.0 MB/s, {names[1]} no files"
    (other,) = measured_words(settings(), context(Row("torch", PYPI, "works", 0.1), chosen=None))
    assert other == f"PyTorch's wheels: measured: {PYPI} 100 ms"
    assert measured_words(settings(()), one) == measured_words(settings(), context()) == ()
    assert supply_for(settings(()), survey, one).wheels == ()
    nothing = SimpleNamespace(decided=lambda _role: SimpleNamespace(measured=Measured(1)))
    assert measured_words(settings(), nothing) == ()
