"""Where roles and templates are found: the person's own project first, the built-in content after it.

`roles` is a PEP 420 namespace, so a project's `roles/mirrors/verify.py` replaces that one module and
the rest of the built-in role stays; `templates` is a Jinja2 search path with the same order.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from gpustrap import __version__

if TYPE_CHECKING:
    from jinja2 import Environment

PACKAGE = Path(__file__).resolve().parent


def builtin_root() -> Path:
    """The folder that holds the built-in `roles/` and `templates/`: in the wheel, or the checkout's root."""
    in_wheel = PACKAGE / "content"
    return in_wheel if in_wheel.is_dir() else PACKAGE.parents[1]


def use_project(project: Path) -> None:
    """Let `import roles.…` find `project`'s roles first, then the built-in ones."""
    roots = [str(root) for root in dict.fromkeys((project.resolve(), builtin_root()))]
    sys.path[:] = roots + [entry for entry in sys.path if entry not in roots]


def role_names(project: Path) -> tuple[str, ...]:
    """Every role there is, in alphabetical order: folders of `roles/` that hold a `tasks.py`."""
    roots = (project / "roles", builtin_root() / "roles")
    return tuple(sorted({tasks.parent.name for root in roots for tasks in root.glob("*/tasks.py")}))


def known_roles() -> tuple[str, ...]:
    """The roles whose folders `import roles.…` finds. `use_project` comes first."""
    folders = (folder for root in import_module("roles").__path__ for folder in Path(root).glob("[!_.]*/"))
    return tuple(sorted({folder.name for folder in folders}))


def role_module(role: str, part: str) -> ModuleType:
    """Import one part (`settings`, `tasks`) of a role. `use_project` comes first."""
    return import_module(f"roles.{role}.{part}")


def role_tasks(role: str) -> Callable[[Any], None]:
    """The role's `@deploy` function, which takes what was decided for the instance. `use_project` comes first."""
    tasks: Callable[[Any], None] = getattr(role_module(role, "tasks"), role)
    return tasks


def verify_file(project: Path, role: str) -> Path | None:
    """The role's `verify.py`, the project's own before the built-in one; None when it has none."""
    places = (root / "roles" / role / "verify.py" for root in (project, builtin_root()))
    return next((place for place in places if place.is_file()), None)


def code_digest(project: Path, roles: Iterable[str]) -> str:
    """Tells this gpustrap with the Python files of these roles, and those beside the roles, from another."""
    digest = hashlib.sha256(repr((__version__, tuple(roles))).encode())
    for root in (project / "roles", builtin_root() / "roles"):
        files = [*root.glob("*.py"), *(file for role in roles for file in (root / role).rglob("*.py"))]
        for path in sorted(file for file in files if file.is_file()):
            digest.update(repr((str(path.relative_to(root)), path.read_bytes())).encode())
    return digest.hexdigest()


def template_environment(project: Path) -> Environment:
    """Jinja2 over the project's `templates/`, then the built-in ones. An undefined variable is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    roots = [str(root / "templates") for root in (project, builtin_root())]
    return Environment(
        loader=FileSystemLoader(roots),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )  # configuration files, not HTML
