import pytest

from gpustrap.catalog.torch import load_catalog
from gpustrap.errors import BadInput
from gpustrap.resolve.versions import driver_text, parse, read_arch, read_driver, read_glibc, read_python

CATALOG = load_catalog()


@pytest.mark.parametrize(
    ("read", "text", "version"),
    [
        (read_driver, "570.124.06", (570, 124, 6)),
        (read_driver, " 550 ", (550,)),
        (read_python, "3.12", (3, 12)),
        (read_python, "3.12.4", (3, 12)),
        (read_glibc, "2.36", (2, 36)),
        (lambda text, _: read_arch(text), "ARM64", "aarch64"),
        (lambda text, _: read_arch(text), "amd64", "x86_64"),
    ],
)
def test_a_version_is_read_as_people_write_it(read, text, version):
    assert read(text, CATALOG) == version


@pytest.mark.parametrize(
    ("read", "text", "error"),
    [
        (read_driver, "abc", "driver: 'abc' is no version of an NVIDIA driver, expected one such as 570.124.06; nearest: '595.71.05'"),
        (read_driver, "570.x", "driver: '570.x' is no version of an NVIDIA driver, expected one such as 570.124.06; nearest: '570.26'"),
        (read_driver, "12.8", "driver: '12.8' is no version of an NVIDIA driver, expected one such as 570.124.06; nearest: '450.51.05'"),
        (read_python, "2.7", "python: no PyTorch build for Python '2.7'; nearest: '3.7'"),
        (read_python, "4.0", "python: no PyTorch build for Python '4.0'; nearest: '3.10'"),
        (read_python, "3", "python: no PyTorch build for Python '3'; nearest: '3.9'"),
        (read_glibc, "musl", "glibc: 'musl' is no version of glibc, expected one such as 2.36; nearest: '2.28'"),
        (lambda text, _: read_arch(text), "aarch", "arch: no PyTorch build for the architecture 'aarch', expected x86_64 or aarch64; nearest: 'aarch64'"),
    ],
)  # fmt: skip
def test_what_is_no_version_is_bad_input_with_the_nearest_value(read, text, error):
    with pytest.raises(BadInput) as raised:
        read(text, CATALOG)
    assert str(raised.value) == error


def test_a_driver_is_written_as_nvidia_writes_it():
    assert driver_text((570, 124, 6)) == "570.124.06"


def test_a_version_is_of_plain_digits_and_bounded() -> None:
    odd = ("", ".", "1.", ".1", "1..2", "1a", "-1", "+1", " 1", "1\n", "\u0663", "\u00b2", "9" * 10, "9" * 5000)
    assert [text for text in odd if parse(text) is not None] == []
    assert (parse("12.8"), parse("999999999.0")) == ((12, 8), (999999999, 0))
