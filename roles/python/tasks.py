"""Role `python`: uv, which brings Pythons, environments and packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyinfra.api import deploy

from gpustrap.engine.operations import uv
from gpustrap.resolve.uv import UV

if TYPE_CHECKING:
    from roles.python.resolve import Python


@deploy("python")
def python(chosen: Python) -> None:
    """Install uv from its wheel."""
    uv.installed(
        name="uv",
        path=UV,
        wheel=chosen.wheel,
        from_laptop=chosen.from_laptop,
        fallback=chosen.fallback,
        index=chosen.index,
    )
