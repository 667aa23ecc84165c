"""What the survey reads for the role `torch`: the image's Pythons with their torch, and the card last seen."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from gpustrap.engine.facts.survey import _PYTHON_LOOK, SurveyFact
from gpustrap.resolve.box.survey import ImagePython

# As it lies in the wheel torch 2.13.0+cpu, but for the values.
VERSION_PY = "from typing import Optional\n\n__version__ = '{}'\ndebug = False\ncuda: Optional[str] = {!r}\n"


@pytest.mark.parametrize(
    ("version", "cuda", "told"), [("2.9.1+cu128", "12.8", "2.9.1+cu128 12.8"), ("2.13.0+cpu", None, "2.13.0+cpu -")]
)
def test_a_python_tells_its_torch_without_importing_it(tmp_path, version, cuda, told):
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("raise SystemExit('imported')")
    (tmp_path / "torch" / "version.py").write_text(VERSION_PY.format(version, cuda))
    assert look(PYTHONPATH=str(tmp_path)) == "{}.{}.{} ".format(*sys.version_info) + told


def test_a_python_without_torch_tells_its_own_version_only():
    assert look() == "{}.{}.{} - -".format(*sys.version_info)


def look(**variables: str) -> str:
    command = [sys.executable, "-c", _PYTHON_LOOK]
    environment = {**os.environ, "PYTHONPATH": "", **variables}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


def test_each_python_is_read_once_and_one_that_does_not_run_is_left_out():
    lines = [
        "image_python\t/usr/bin/python3 3.10.12 - -",
        "image_python\t/opt/conda/bin/python 3.11.9 2.9.1+cu128 12.8",
        "image_python\t/opt/conda/bin/python 3.11.9 2.9.1+cu128 12.8",
        "image_python\t/opt/broken/bin/python ",
    ]
    assert SurveyFact().process(lines).pythons == (
        ImagePython("/usr/bin/python3", (3, 10, 12)),
        ImagePython("/opt/conda/bin/python", (3, 11, 9), "2.9.1+cu128", (12, 8)),
    )


def test_the_card_last_seen_is_handed_on_as_it_was_written():
    assert SurveyFact().process(['torch_memory\t{"cards": []}']).torch_memory == '{"cards": []}'
    assert SurveyFact().process([]).torch_memory is None
