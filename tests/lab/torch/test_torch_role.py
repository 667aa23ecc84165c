"""What a person lives through with torch: installed, left alone, guarded, replaced, cut off, refused."""

from __future__ import annotations

import pytest

VENV = "/data/gpustrap/venvs/torch"
JOB = "/data/gpustrap/jobs/torch"
PRODUCT = f"""{VENV}/bin/python -W ignore -c '
import torch
ones = torch.ones(3, 3)
print(torch.__version__, (ones @ ones).sum().item())'"""


@pytest.mark.parametrize("form", ["index", "find-links"], ids=["pep503", "flat"])
def test_torch_is_installed_from_a_mirror_and_computes(project, ssh, form):
    project.write(wheel_mirrors=[project.site.mirror(form)])

    report = project.up().report(project.box.name)

    assert [one["operation"] for one in report["changed"] if one["role"] == "torch"] == ["torch", "guard"]
    assert ssh(project.box, PRODUCT) == "2.13.0+cpu 27.0"
    assert project.site.downloads == 1
