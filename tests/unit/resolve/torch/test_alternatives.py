from __future__ import annotations

from gpustrap.catalog.torch import load_catalog
from gpustrap.resolve.torch.alternatives import beside, instead
from gpustrap.resolve.torch.request import read_want
from gpustrap.resolve.torch.rules import refusals


def running(site):
    return [build for build in load_catalog().builds if not refusals(build, site)]


def offers(found):
    return [(one.why, one.requirements[0]) for one in found]


def test_beside_a_choice_stand_the_newest_the_smallest_and_one_without_a_mirror(site, build):
    here, want = site(), read_want("2.9.1", "12.6", load_catalog())
    assert offers(beside(build("2.9.1+cu126"), want, here, running(here))) == [
        ("newest that runs here", "torch==2.14.1+cu126"),
        ("needs no wheel mirror", "torch==2.10.0"),
    ]


def test_instead_of_a_refused_wish_stands_what_comes_nearest_first(site):
    here, want = site(), read_want("2.9.1", "13.0", load_catalog())
    assert offers(instead(want, here, running(here)))[0] == ("the same torch, another CUDA", "torch==2.9.1+cu128")


def test_each_build_stands_there_once(site):
    here, want = site(), read_want(None, None, load_catalog())
    found = instead(want, here, running(here))
    assert len({one.build.name for one in found}) == len(found) == 1
