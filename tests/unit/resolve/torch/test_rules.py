from __future__ import annotations

import pytest

from gpustrap.catalog.torch import load_catalog
from gpustrap.resolve.torch.machine import CudaDevice
from gpustrap.resolve.torch.rules import RULES, ceiling, cuda_driver, native_driver, needed_driver, refusals, runs_code


@pytest.mark.parametrize(
    ("changes", "constraint", "sentence"),
    [
        ({"driver": (520, 1)}, "driver", "2.9.1+cu128 needs a driver ≥ 525.60.13, this is 520.01"),
        ({"python": (3, 9)}, "python", "2.9.1+cu128 is built for Python 3.10, 3.11, 3.12, 3.13, 3.13t, 3.14, 3.14t, this is 3.9"),
        ({"glibc": (2, 27)}, "glibc", "2.9.1+cu128 needs glibc ≥ 2.28, this is 2.27"),
        ({"arch": "aarch64"}, "arch", "there is no 2.9.1+cu128 for aarch64"),
        ({"cards": (CudaDevice("P40", (6, 1)),)}, "gpu",
         "2.9.1+cu128 has no code for P40 (6.1), its code is sm_70 sm_75 sm_80 sm_86 sm_90 sm_100 sm_120"),
    ],
)  # fmt: skip
def test_each_constraint_is_said_alone(site, build, changes, constraint, sentence):
    assert refusals(build("2.9.1+cu128"), site(**changes)) == {constraint: sentence}


def test_what_is_unknown_refuses_nothing(site, build):
    assert refusals(build("2.9.1+cu128"), site(driver=None, python=None, glibc=None)) == {}


def test_a_build_of_wheel_mirrors_needs_one(site, build):
    (only,) = refusals(build("2.9.1+cu126"), site(wheels=False))
    assert only == "index"


def test_a_cpu_build_is_none_for_a_card_and_a_cuda_build_is_one_without(site, build):
    assert set(refusals(build("2.9.1+cpu"), site())) == {"gpu"}
    assert refusals(build("2.9.1+cu128"), site(cpu_only=True, driver=(1,))) == {}


@pytest.mark.parametrize(
    ("capability", "code"), [((8, 9), (8, 6)), ((8, 0), (8, 0)), ((7, 2), (7, 0)), ((6, 1), None), ((11, 0), None)]
)
def test_a_card_runs_the_highest_code_of_its_major_that_is_not_above_it(build, capability, code):
    assert runs_code(build("2.9.1+cu128"), CudaDevice("card", capability)) == code


def test_the_driver_that_is_needed_is_that_of_cuda_or_of_the_card(site, build):
    catalog, blackwell = load_catalog(), (CudaDevice("RTX 5090", (12, 0)),)
    assert cuda_driver(build("2.9.1+cu128"), catalog) == (525, 60, 13)
    assert cuda_driver(build("2.9.1+cpu"), catalog) == ()
    assert needed_driver(build("2.9.1+cu128"), site(cards=blackwell).machine, catalog) == (570,)


def test_a_toolkit_and_a_driver_name_each_other():
    catalog = load_catalog()
    assert native_driver((12, 8), catalog) == (570, 26)
    assert native_driver((99, 0), catalog) is None
    assert ceiling((570, 124, 6), catalog) == (12, 8)
    assert ceiling((1,), catalog) is None


def test_the_order_of_the_rules_is_that_of_naming():
    assert list(RULES) == ["index", "driver", "python", "glibc", "gpu", "arch"]
