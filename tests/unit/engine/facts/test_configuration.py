"""What others on a box have set, as the survey's script tells it."""

from __future__ import annotations

import pytest

from gpustrap.engine.facts.configuration import read_configuration
from gpustrap.resolve.box.configuration import SetVariable


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("PATH 3 /root/.bashrc", (SetVariable("PATH", "/root/.bashrc", 3),)),
        ("PATH x /root/my files/.bashrc", (SetVariable("PATH", "/root/my files/.bashrc", 0),)),
        ("PATH 3", ()),
    ],
)
def test_a_variable_is_told_with_its_place_set_or_readonly(line: str, found: tuple[SetVariable, ...]) -> None:
    read = read_configuration({"set": [line], "fixed": [line]})
    assert (read.variables, read.fixed) == (found, found)
