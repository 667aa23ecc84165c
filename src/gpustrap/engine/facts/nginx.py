"""Which configuration the gateway's nginx has loaded."""

from __future__ import annotations

from pyinfra.api import FactBase

from gpustrap.engine.scripts import clean, script


class LoadedConfiguration(FactBase[str | None]):
    """The identity of the configuration that the gateway's nginx has loaded; None where it does not run.

    Its pid file is named for it: nginx renames the file when it has taken another one, and only then.
    """

    def command(self, folder: str) -> str:
        return clean("gateway-common", pids=folder) + script("gateway-look")

    def process(self, output: list[str]) -> str | None:
        return next((line.removeprefix("loaded ") for line in output if line.startswith("loaded ")), None)
