"""The built-in roles on the path, and a rented instance of the usual kind to change where it matters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gpustrap import content
from gpustrap.resolve.box.survey import Disk, ImagePython, Survey, VisibleCard
from surveyed import UBUNTU

GIB = 1024**3


@pytest.fixture(autouse=True)
def builtin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(content.builtin_root())


@pytest.fixture
def survey() -> Survey:
    """A box with an RTX 4090, driver 550, Ubuntu 22.04's Python, and two disks that survive a stop."""
    return replace(
        UBUNTU,
        driver=(550, 54, 14),
        gpus=(VisibleCard("NVIDIA GeForce RTX 4090", (8, 9), 24564),),
        disks=(
            Disk("/", 30 * GIB, 20 * GIB, True),
            Disk("/small", 9 * GIB, 5 * GIB, True),
            Disk("/large", 99 * GIB, 50 * GIB, True),
            Disk("/fast", 999 * GIB, 900 * GIB, False),
        ),
        tools={"uv": "/usr/bin/uv", "tmux": "/usr/bin/tmux"},
        pythons=(ImagePython("/usr/bin/python3", (3, 10, 12)),),
    )


@pytest.fixture(autouse=True)
def frozen(frozen_catalog: None) -> None:
    """Rows that are added to the live catalog change nothing here."""
