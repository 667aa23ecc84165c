"""A project of small roles, apart from the built-in ones, in a directory of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import pytest

from gpustrap import content

ROLES = {
    "base": """
        from pydantic import BaseModel, ConfigDict

        class Settings(BaseModel):
            model_config = ConfigDict(extra="forbid")
            packages: list[str] = []
        """,
    "hub": """
        from pydantic import BaseModel, ConfigDict
        from gpustrap.inventory.secrets import Secret

        class Settings(BaseModel):
            model_config = ConfigDict(extra="forbid")
            token: Secret | None = None
            prefetch: tuple[str, ...] = ()
        """,
    "project": """
        from pydantic import BaseModel, ConfigDict

        class Settings(BaseModel):
            model_config = ConfigDict(extra="forbid")
            repo: str
        """,
    "services": """
        from typing import Annotated, Literal
        from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

        class Service(BaseModel):
            model_config = ConfigDict(extra="forbid")
            preset: Literal["hello", "jupyter"] | None = None
            command: str | list[str] | None = None
            port: int = Field(default=8080, ge=1, le=65535)
            open: bool = False
            weight: Annotated[float, Field(ge=0)] = 1
            env: dict[str, str] = {}

            @model_validator(mode="after")
            def one_way(self):
                if self.preset and self.command:
                    raise ValueError("preset and command exclude each other")
                return self

        class Settings(RootModel[dict[Annotated[str, Field(pattern="^[a-z]+$")], Service]]):
            root: dict[Annotated[str, Field(pattern="^[a-z]+$")], Service] = {}
        """,
}


def take_role_modules() -> dict[str, ModuleType]:
    """Every imported module of a role, taken out of `sys.modules`."""
    names = [name for name in sys.modules if name.partition(".")[0] == "roles"]
    return {name: sys.modules.pop(name) for name in names}


def add_role(root: Path, name: str, settings: str) -> None:
    folder = root / "roles" / name
    folder.mkdir(parents=True)
    (folder / "tasks.py").write_text(
        f"from pyinfra.api import deploy\n\n\n@deploy({name!r})\ndef {name}(chosen):\n    pass\n"
    )
    (folder / "settings.py").write_text(dedent(settings))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The current directory: a project of the roles above. Nothing is built in, and no variable names one."""
    folder, builtin = tmp_path / "project", tmp_path / "builtin"
    (folder / "inventory").mkdir(parents=True)
    builtin.mkdir()
    for name, settings in ROLES.items():
        add_role(folder, name, settings)
    monkeypatch.setattr(content, "builtin_root", lambda: builtin)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delenv("GPUSTRAP_PROJECT", raising=False)
    monkeypatch.chdir(folder)
    others = take_role_modules()
    yield folder
    take_role_modules()
    sys.modules.update(others)


@pytest.fixture
def write_role(project: Path) -> Callable[..., None]:
    """`write_role(name, settings)` adds a role to the project; by default with the settings of `base`."""
    return lambda name, settings=ROLES["base"]: add_role(project, name, settings)
