from __future__ import annotations

import pytest

from gpustrap.resolve.conda import torch_lines

FILE = """
name: app
channels: [pytorch, conda-forge]
dependencies:
  - python=3.11
  - pytorch::pytorch =2.5.1
  - pytorch-lightning
  - numpy
  - pip
  - pip:
      - -r requirements.txt
      - torchvision[extra]==0.20
      - Torch>=2
"""


def test_lines_about_torch_are_found_by_condas_and_pips_names() -> None:
    assert torch_lines(FILE) == ("pytorch::pytorch =2.5.1", "torchvision[extra]==0.20", "Torch>=2")


def test_a_file_without_any_asks_nothing() -> None:
    assert torch_lines("dependencies: [python, six]") == ()


@pytest.mark.parametrize("text", ["", "name: app", "dependencies: six", "- six"])
def test_one_that_lists_nothing_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="expected a list of dependencies"):
        torch_lines(text)


def test_one_that_is_no_yaml_is_said_in_one_line() -> None:
    with pytest.raises(ValueError, match="line 1, column 16") as said:
        torch_lines("dependencies: [")
    assert "\n" not in str(said.value)
