"""Templates as wanted files: rendered from the project's templates, then the built-in ones."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, TemplateError, TemplateNotFound, UndefinedError
from pydantic import SecretStr

from gpustrap import content
from gpustrap.engine.operations.files import Wanted
from gpustrap.errors import InstanceFailed

_project = Path()


def use_project(project: Path) -> None:
    """Set whose templates come first, for the rest of the process."""
    global _project
    _project = project
    _environment.cache_clear()


@cache
def _environment() -> Environment:
    environment = content.template_environment(_project)
    environment.filters["quote"] = lambda value: shlex.quote(str(value))
    return environment


def template(src: str, dest: str, *, mode: str = "644", block: str = "", top: bool = False, **values: Any) -> Wanted:
    """The file that `src` gives with `values`. One SecretStr among the values makes the whole file a secret."""
    text = render(src, values)
    secret = any(isinstance(value, SecretStr) for value in _leaves(values))
    return Wanted(dest, SecretStr(text) if secret else text, mode, block, top)


def render(src: str, values: Mapping[str, Any]) -> str:
    """The text of one template. Raises InstanceFailed naming the template, its line and the variable."""
    try:
        return _environment().get_template(src).render(_revealed(values))
    except TemplateNotFound as error:
        raise InstanceFailed(f"template {error.name} does not exist", operation=src) from error
    except UndefinedError as error:
        raise InstanceFailed(f"template {src}:{_line(error, src)}: {error.message}", operation=src,
                             hint="a template gets only what its role's tasks.py passes to it") from error  # fmt: skip
    except TemplateError as error:
        line = getattr(error, "lineno", None) or _line(error, src)
        raise InstanceFailed(f"template {src}:{line}: {error.message}", operation=src) from error


def _line(error: Exception, src: str) -> int:
    """The template's line that an error came from: the innermost traceback frame in that file."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith(src):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _leaves(values: Any) -> list[Any]:
    if isinstance(values, Mapping):
        return [leaf for value in values.values() for leaf in _leaves(value)]
    return [values]


def _revealed(values: Any) -> Any:
    if isinstance(values, Mapping):
        return {key: _revealed(value) for key, value in values.items()}
    return values.get_secret_value() if isinstance(values, SecretStr) else values


def template_or_none(src: str, dest: str, condition: object, *, block: str = "", **values: Any) -> Wanted:
    """As `template`; where the decided value `condition` is None, what was there before us comes back."""
    return template(src, dest, block=block, **values) if condition is not None else Wanted(dest, None, block=block)
