from __future__ import annotations

import pytest

from gpustrap.resolve.torch.rank import best, preference


@pytest.mark.parametrize(
    ("better", "worse", "changes"),
    [
        ("2.9.1+cu126", "2.8.0+cu128", {}),
        ("2.9.1+cu128", "2.9.1+cu126", {}),
        ("2.9.1+cu126", "2.9.1+cu130", {"driver": (560, 35, 3)}),
        ("2.9.1+cu128", "2.9.1+cu130", {"driver": (580, 65, 6)}),
        ("2.9.1+cu126", "2.14.1+cu130", {"driver": None}),
        ("2.9.1+cpu", "2.9.1+cu128", {"cpu_only": True}),
    ],
    ids=["newer torch", "default wheel", "native", "default before newer CUDA", "driver unknown", "CPU"],
)
def test_one_build_is_better_than_another(site, build, better, worse, changes):
    pair = [build(worse), build(better)]
    assert best(pair, site(**changes)) == best(pair[::-1], site(**changes)) == build(better)


def test_of_no_builds_none_is_best(site):
    assert best([], site()) is None


def test_a_newer_driver_does_not_change_the_first_of_what_counts(site, build):
    older, newer = (preference(build("2.9.1+cu128"), site(driver=driver))[:2] for driver in ((530,), (640,)))
    assert older == newer
