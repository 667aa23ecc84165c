from __future__ import annotations

import pytest

from gpustrap.errors import BadInput
from gpustrap.lab import targets


@pytest.mark.parametrize("name", ["demo", "a", "gpu-1", "x" * 50])
def test_a_hostname_can_name_a_target(name):
    targets.check_name(name)


@pytest.mark.parametrize("name", ["", "Demo", "-a", "a-", "a_b", "a.b", "a b", "../a", "x" * 51, "demo\n"])
def test_anything_else_cannot(name):
    with pytest.raises(BadInput) as refused:
        targets.check_name(name)
    assert str(refused.value) == (
        f"'{name}' cannot name a lab target, expected up to 50 of a-z, 0-9 and -, such as 'demo'"
    )
