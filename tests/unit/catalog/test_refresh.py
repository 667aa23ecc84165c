import json

import pytest

from gpustrap.catalog.refresh import Served, difference, read_index
from gpustrap.catalog.torch import load_catalog

pytestmark = pytest.mark.usefixtures("small_catalog")
KNOWN = {(2, 7, 1): None, (2, 15, 0): None}
# printed by pip 23.2.1 on 2026-11-24, shortened
VERSIONS = "torch (2.16.0)\nAvailable versions: 2.16.0, 2.15.0, 2.7.1+cpu, 2.7.1\n"
DEPENDENCIES = {
    "torch==2.15.0": ["filelock", 'cuda-toolkit[cublas,cudart]==13.2.2; platform_system == "Linux"'],
    "torch==2.16.0": ["filelock", "nvidia-cuda-runtime-cu13==13.4.10"],
}


def fake_pip(arguments):
    if arguments[0] == "index":
        return VERSIONS
    metadata = {"requires_dist": DEPENDENCIES[arguments[-1]], "requires_python": ">=3.12"}
    return json.dumps({"install": [{"metadata": metadata}]})


def test_the_index_is_read_from_what_pip_prints():
    assert read_index(load_catalog(), fake_pip) == {
        (2, 7, 1): None,
        (2, 15, 0): Served((13, 2), ">=3.12"),
        (2, 16, 0): Served((13, 4), ">=3.12"),
    }


@pytest.mark.parametrize(
    ("served", "lines"),
    [
        (KNOWN, ()),
        ({**KNOWN, (2, 6, 0): None}, ()),
        (KNOWN | {(2, 15, 0): Served((13, 2), ">=3.11")}, ()),
        (KNOWN | {(2, 16, 0): Served((13, 4), ">=3.12")}, ("+ torch 2.16.0: CUDA 13.4, Python >=3.12",)),
        (KNOWN | {(2, 16, 0): Served(None, ">=3.12")}, ("+ torch 2.16.0: no CUDA, Python >=3.12",)),
        (
            KNOWN | {(2, 15, 0): Served((13, 0), ">=3.11")},
            ("~ torch 2.15.0: cu132 in the catalog, now CUDA 13.0, Python >=3.11",),
        ),
        (
            {(2, 15, 0): None},
            ("- torch 2.7.1: in the catalog, not on the index",),
        ),
    ],
)
def test_a_difference_is_one_line(served, lines):
    assert difference(load_catalog(), served) == lines
