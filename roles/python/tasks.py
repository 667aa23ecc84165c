"""Role `python`: uv, which brings Pythons, environments and packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyinfra.api import deploy

from gpustrap.engine import environment
from gpustrap.engine.operations import uv
from gpustrap.engine.operations.files import managed
from gpustrap.resolve.uv import UV

if TYPE_CHECKING:
    from roles.python.resolve import Python


@deploy("python")
def python(chosen: Python) -> None:
    """Install uv from its wheel, where every shell finds it."""
    uv.installed(
        name="uv",
        path=UV,
        wheel=chosen.wheel,
        from_laptop=chosen.from_laptop,
        fallback=chosen.fallback,
        index=chosen.index,
    )
    for folder, shells in chosen.path:
        managed(name="PATH", files=environment.files("python", {}, shells, folders=(folder,)))
