"""Whether a project's environment has what the project asks for, as uv says."""

from __future__ import annotations

from typing import Literal

from pyinfra.api import FactBase

from gpustrap.engine.facts.project import by
from gpustrap.engine.scripts import clean, script
from gpustrap.language import tr
from gpustrap.resolve.environment import Environment

State = Literal["absent", "lacking", "ready"]
STATES: tuple[State, ...] = ("absent", "lacking", "ready")


def environment_script(name: str, environment: Environment, **parameters: str) -> str:
    """`environment-NAME.sh` with all that it reads."""
    words = {
        "uv": environment.uv,
        "project": environment.project,
        "file": environment.file,
        "python": environment.python,
        "version": environment.version,
        "pins": " ".join(environment.pins),
        "how": "overrides" if environment.overrides else "constraints",
        "cache": environment.cache,
        "pypi": environment.pypi,
        "pythons": environment.pythons,
    }
    text = clean("environment-common", **words) + script(f"environment-{name}", **parameters)
    return by(environment.user, text)


class EnvironmentState(FactBase[State]):
    """absent, lacking something, or ready."""

    def command(self, environment: Environment) -> str:
        return environment_script("look", environment)

    @staticmethod
    def default() -> State:
        return "absent"

    def process(self, output: list[str]) -> State:
        for state in STATES:
            if f"environment {state}" in output:
                return state
        raise ValueError(tr("the answer was cut off"))
