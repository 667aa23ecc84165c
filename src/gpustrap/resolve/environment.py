"""The Python environment of a project: what it is made of. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

FILES = ("uv.lock", "pyproject.toml", "requirements.txt")  # the first that a project has
CONDA = "environment.yml"  # where it has none of these


@dataclass(frozen=True)
class Environment:
    """What has to be in an environment, and what makes it so.

    `venv` is the folder to make, conda's prefix too, empty for a Python that is there; `version` is asked of uv, empty
    for what the project says. `pins`: what of torch is to stay, `overrides` whatever the project asks. `cache`, `pypi`,
    `pythons`: empty for uv's own. `user`: who makes it, empty for root.
    """

    uv: str  # empty where conda makes it
    project: str
    file: str  # empty: the first of FILES that the folder on the instance has
    python: str  # the interpreter
    venv: str = ""
    version: str = ""
    pins: tuple[str, ...] = ()
    overrides: bool = False
    cache: str = ""
    pypi: str = ""
    pythons: str = ""
    user: str = ""

    @property
    def asks(self) -> str:
        """Who asks for what is in it, in a word."""
        return self.file or self.project

    @property
    def by_conda(self) -> bool:
        """Whether conda makes it; else uv does."""
        return self.file == CONDA

    @property
    def bin(self) -> str:
        """The folder of its programs."""
        return self.python.rpartition("/")[0]


def file_of(paths: Sequence[str]) -> str:
    """What an environment is made from; empty for nothing."""
    return next((file for file in (*FILES, CONDA) if file in paths), "")
