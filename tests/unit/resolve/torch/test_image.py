from __future__ import annotations

from dataclasses import replace

import pytest

from gpustrap.catalog.torch import load_catalog
from gpustrap.errors import InstanceFailed
from gpustrap.resolve.box.survey import ImagePython
from gpustrap.resolve.torch.image import python_for_venv, python_to_install_into, with_right_torch
from gpustrap.resolve.torch.request import read_want

SYSTEM = ImagePython("/usr/bin/python3", (3, 11, 2))
CONDA = ImagePython("/opt/conda/bin/python", (3, 12, 4), "2.9.1+cu128", (12, 8))
VENV = ImagePython("/venv/main/bin/python", (3, 12, 4), "2.8.0+cu128", (12, 8), kind="venv")


@pytest.fixture
def image(survey):
    return replace(survey, conda="/opt/conda", pythons=(SYSTEM, CONDA, VENV))


@pytest.mark.parametrize(("version", "python"), [(None, SYSTEM), ("3.12", CONDA), ("3.10", None)])
def test_an_environment_is_made_from_the_first_python_of_its_version(image, version, python):
    assert python_for_venv(version, image, load_catalog()) == python


def test_into_the_image_means_condas_then_the_first(image):
    assert python_to_install_into(image) == CONDA
    assert python_to_install_into(replace(image, conda=None)) == SYSTEM
    with pytest.raises(InstanceFailed):
        python_to_install_into(replace(image, pythons=()))


@pytest.mark.parametrize(
    ("torch", "changes", "python"),
    [
        (None, {}, CONDA),
        ("2.8", {}, VENV),
        ("2.7.1", {}, None),
        (None, {"driver": (520,)}, None),
        (None, {"cards": ()}, None),
    ],
    ids=["any", "as wanted", "none as wanted", "driver too old", "no card"],
)
def test_a_torch_that_is_there_is_right_where_it_is_wanted_and_runs(image, site, torch, changes, python):
    found = with_right_torch(read_want(torch, None, load_catalog()), site(**changes), None, image)
    assert (found[0] if found else None) == python
