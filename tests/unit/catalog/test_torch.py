from __future__ import annotations

import pytest

from gpustrap.catalog.torch import load_catalog
from gpustrap.resolve.torch.machine import CudaDevice
from gpustrap.resolve.torch.rules import card_driver


def test_a_build_has_a_name_a_tag_and_whether_it_may_be_chosen(small_catalog: None) -> None:
    newest = max(load_catalog().builds, key=lambda build: (build.torch, build.cuda or ()))
    assert (newest.version, newest.tag, newest.name) == ("2.15.0", "cu132", "2.15.0+cu132")
    assert newest.is_published
    [cpu] = [build for build in load_catalog().builds if build.name == "2.7.1+cpu" and build.arch == "x86_64"]
    assert cpu.cuda is None


def test_the_catalog_tells_its_releases_and_cudas_ascending(small_catalog: None) -> None:
    assert load_catalog().releases() == ((2, 7, 1), (2, 15, 0))
    assert load_catalog().cudas() == tuple(sorted(load_catalog().cudas()))
    assert load_catalog().cudas()[-1] == (13, 2)


@pytest.mark.parametrize(
    ("capability", "driver"),
    [
        ((7, 5), (410, 48)),
        ((8, 0), (450, 36, 6)),
        ((8, 6), (455, 23)),
        ((8, 7), (455, 23)),  # without a row: that of the next lower one of its major
        ((8, 9), (520,)),
        ((9, 0), (520,)),
        ((12, 0), (570,)),
        ((12, 1), (575,)),
        ((5, 2), ()),
        ((99, 0), ()),
    ],
)
def test_a_card_needs_the_driver_that_first_knew_its_capability(small_catalog: None, capability, driver) -> None:
    assert card_driver(CudaDevice("any", capability), load_catalog()) == driver
