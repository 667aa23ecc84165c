"""Which uv stands at a path."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pyinfra.api import FactBase

from gpustrap.engine.facts.files import STATE_DIR
from gpustrap.engine.scripts import clean


@dataclass(frozen=True)
class UvState:
    """`version` is what the binary says it is; None when there is none that runs.

    `obstacle`: what stands in its place, in words. `pip_said`: why the instance's pip could not fetch it, the
    last time it was tried.
    """

    version: str | None = None
    obstacle: str | None = None
    pip_said: str | None = None


class UvVersion(FactBase[UvState]):
    """The uv at `path`."""

    def command(self, path: str) -> str:
        return clean("uv-look", path=path, state=STATE_DIR)

    @staticmethod
    def default() -> UvState:
        return UvState()

    def process(self, output: list[str]) -> UvState:
        said = dict(line.partition(" ")[::2] for line in output)
        found = re.match(r"uv (\d+(?:\.\w+)+)(?:\s|$)", said.get("uv-version", ""))
        return UvState(found[1] if found else None, said.get("uv-obstacle"), said.get("uv-pip"))
