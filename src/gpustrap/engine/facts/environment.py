"""Whether a project's environment has what the project asks for, as uv or conda says."""

from __future__ import annotations

from typing import Literal, get_args

from pyinfra.api import FactBase

from gpustrap.engine.facts.project import by
from gpustrap.engine.scripts import clean, script
from gpustrap.language import tr
from gpustrap.resolve.environment import Environment

State = Literal["absent", "lacking", "ready", "without-conda", "unsaid"]


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
    common = clean("environment-common", **words)
    if environment.by_conda:
        common += script("environment-conda-common", venv=environment.venv)
        name = f"conda-{name}"
    return by(environment.user, common + script(f"environment-{name}", **parameters))


class EnvironmentState(FactBase[State]):
    """absent, lacking something, or ready. Of conda's also that there is none, or that it cannot say."""

    def command(self, environment: Environment) -> str:
        return environment_script("look", environment)

    @staticmethod
    def default() -> State:
        return "absent"

    def process(self, output: list[str]) -> State:
        for state in get_args(State):
            if f"environment {state}" in output:
                return state  # type: ignore[no-any-return]
        raise ValueError(tr("the answer was cut off"))
