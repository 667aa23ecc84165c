from __future__ import annotations

import pytest

from gpustrap.catalog.torch import load_catalog
from gpustrap.resolve.torch.refusal import refuse
from gpustrap.resolve.torch.request import read_want
from gpustrap.resolve.torch.rules import refusals


@pytest.mark.parametrize(
    ("torch", "cuda", "changes", "constraint", "start"),
    [
        ("2.9.1", "13.0", {}, "driver", "2.9.1+cu130 needs a driver ≥ 580, this is 570.124.06"),
        ("2.9.1", None, {"python": (3, 9)}, "python", "2.9.1+cu128 is built for Python 3.10"),
        ("3.0.0", None, {}, "torch", "no torch '3.0.0' in the catalog (1.13.0 to 2.15.0)"),
        ("2.9.1", "12.4", {}, "cuda", "torch '2.9.1' is not built for CUDA '12.4', only for 12.6, 12.8, 13.0"),
    ],
)
def test_the_constraint_that_binds_is_named_and_what_runs_instead(site, torch, cuda, changes, constraint, start):
    here, catalog = site(**changes), load_catalog()
    running = [build for build in catalog.builds if not refusals(build, here)]
    refusal = refuse(read_want(torch, cuda, catalog), here, catalog.builds, running)
    assert refusal.constraint == constraint
    assert refusal.message.startswith(start)
    assert f"; nearest that works: {refusal.alternatives[0].requirements[0]}" in refusal.message
