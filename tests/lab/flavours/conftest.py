"""A box of each flavour, and a look at it that no shell of the box's own can bend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gpustrap.lab.box import PREFIX
from gpustrap.lab.engine import Engine
from gpustrap.lab.targets import LabTarget

Inside = Callable[[LabTarget, str], str]


@pytest.fixture(scope="session", params=["debian-12"])
def release(request: pytest.FixtureRequest, engine: Engine) -> str:
    return str(request.param)


@pytest.fixture
def inside(engine: Engine) -> Inside:
    """`inside(box, "command")`: as root by the engine, in a plain sh, without ssh and its rc files."""

    def run(box: LabTarget, command: str) -> str:
        return engine.run(
            "exec", PREFIX + box.name, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "sh", "-c", command
        ).strip()

    return run


@pytest.fixture
def flavoured(request: pytest.FixtureRequest, make_box: Callable[..., LabTarget], project: Any) -> LabTarget:
    """A fresh box of the flavour that the test is parametrised with."""
    return make_box(flavour=request.param)
