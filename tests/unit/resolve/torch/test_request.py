import pytest

from gpustrap.catalog.torch import load_catalog
from gpustrap.errors import BadInput
from gpustrap.resolve.torch.request import read_want


def taken(want, arch="x86_64"):
    return [build.name for build in load_catalog().builds if want.takes(build) and build.arch == arch]


@pytest.mark.parametrize(
    ("torch", "cuda", "builds"),
    [
        ("2.9.1", "12.8", ["2.9.1+cu128"]),
        ("2.9.1", "12.8.93", ["2.9.1+cu128"]),
        ("2.9.1", "cu128", ["2.9.1+cu128"]),
        ("2.9.1+cu128", None, ["2.9.1+cu128"]),
        ("torch==2.9.1+cu128", None, ["2.9.1+cu128"]),
        ("==2.9.*", "12.8", ["2.9.1+cu128", "2.9.0+cu128"]),
        ("2.9", "12.8", ["2.9.1+cu128", "2.9.0+cu128"]),
        (">=2.8,<2.10", "cu128", ["2.9.1+cu128", "2.9.0+cu128", "2.8.0+cu128"]),
        ("2.9.1", ">=12.8,<13", ["2.9.1+cu128", "2.9.1+cu129"]),
        ("2.7.1", "11", ["2.7.1+cu118"]),
        ("2.10.0", "cpu", ["2.10.0+cu128", "2.10.0+cpu"]),
        ("2.10.0+cpu", None, ["2.10.0+cu128", "2.10.0+cpu"]),
        ("2.9.1", "12.5", []),
    ],
)
def test_a_wish_is_read_as_people_write_it(torch, cuda, builds):
    assert taken(read_want(torch, cuda, load_catalog())) == builds


def test_no_wish_takes_every_build():
    assert len(taken(read_want(None, None, load_catalog()))) == sum(b.arch == "x86_64" for b in load_catalog().builds)


@pytest.mark.parametrize(
    ("torch", "cuda", "error"),
    [
        ("two", None, "torch: 'two' is no torch version, expected one such as 2.9.1, 2.9 or '>=2.8,<2.10'; nearest: '2.15.0'"),
        (None, "99", "cuda: no PyTorch build for CUDA '99'; nearest: '13.2'"),
        (None, "12.83", "cuda: no PyTorch build for CUDA '12.83'; nearest: '12.8'"),
        (None, "12.x", "cuda: no PyTorch build for CUDA '12.x'; nearest: '12.9'"),
        (None, "cu999", "cuda: no PyTorch build for CUDA '99.9'; nearest: '12.9'"),
        ("2.9.1+cu128", "12.6", "cuda: '2.9.1+cu128' already names a CUDA, so '12.6' cannot be asked for beside it; nearest: 'cu128'"),
    ],
)  # fmt: skip
def test_a_wish_that_cannot_be_is_bad_input_with_the_nearest_value(torch, cuda, error):
    with pytest.raises(BadInput) as raised:
        read_want(torch, cuda, load_catalog())
    assert str(raised.value) == error
