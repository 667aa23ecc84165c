from __future__ import annotations

import pytest

from gpustrap.catalog.torch import load_catalog
from gpustrap.resolve.torch.answer import Source
from gpustrap.resolve.torch.requirements import companions_of, from_wheels, requirements, sources


@pytest.mark.parametrize(
    ("name", "wheels", "pins"),
    [
        ("2.9.1+cu128", True, ("torch==2.9.1+cu128", "torchvision==0.24.1+cu128", "torchaudio==2.9.1+cu128")),
        ("2.9.1+cu128", False, ("torch==2.9.1", "torchvision==0.24.1", "torchaudio==2.9.1")),
        ("2.14.1+cu126", True, ("torch==2.14.1+cu126", "torchvision==0.29.1+cu126", "torchaudio==2.11.0+cu126")),
        ("2.15.0+cu132", True, ("torch==2.15.0+cu132", "torchvision==0.29.2", "torchaudio==2.11.0")),
    ],
)
def test_the_local_version_is_pinned_where_a_wheel_mirror_is_used(site, build, name, wheels, pins):
    assert requirements(build(name), site(wheels=wheels)) == pins


def test_a_torchaudio_that_was_not_built_for_this_python_is_left_out(site, build):
    assert requirements(build("2.15.0+cu132"), site(python=(3, 15))) == ("torch==2.15.0+cu132", "torchvision==0.29.2")


def test_the_python_index_stands_beside_a_wheel_mirror(site, build):
    supply, index = site().supply, Source("default", "https://pip.example/simple")
    first = Source("index", "https://mirror.sjtu.edu.cn/pytorch-wheels/cu128")
    assert sources(build("2.9.1+cu128"), supply) == (first, index)
    assert sources(build("2.9.1+cu128"), site(wheels=False).supply) == (index,)


def test_a_default_cpu_build_has_no_local_version_and_comes_from_the_python_index(site, build):
    assert not from_wheels(build("2.9.1+cpu", "aarch64"), site().supply)
    assert from_wheels(build("2.9.1+cpu"), site().supply)


def test_a_release_without_a_pair_has_no_companions(build):
    unknown = build("2.9.1+cu128").model_copy(update={"torch": (2, 99, 0)})
    assert companions_of(unknown, load_catalog()) is None
