"""Templates as wanted files: rendered from the project's templates, then the built-in ones."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import SecretStr

from gpustrap import content
from gpustrap.engine.operations.files import ManagedFile
from gpustrap.errors import InstanceFailed
from gpustrap.language import tr

if TYPE_CHECKING:
    from jinja2 import Environment, FileSystemLoader

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


def template(
    src: str,
    dest: str,
    *,
    when: object = True,
    mode: str = "644",
    block: str = "",
    top: bool = False,
    last: bool = False,
    **values: Any,
) -> ManagedFile:
    """The file that `src` gives with `values`. One SecretStr among the values makes the whole file a secret.

    Where the decided value `when` is None, false or empty, the file is not to be: what was there before us comes back.
    """
    if not when:
        return ManagedFile(dest, None, block=block)
    text = render(src, values)
    secret = _holds_secret(values)
    if secret and block:
        raise InstanceFailed(
            tr("template {src}: a secret needs a file of its own, and {dest} belongs to others", src=src, dest=dest),
            operation=src,
            hint=tr("leave block out, and let the block include that file"),
        )
    return ManagedFile(dest, SecretStr(text) if secret else text, mode, block, top, last)


def render(src: str, values: Mapping[str, Any]) -> str:
    """The text of one template. Raises InstanceFailed naming the template, its line and the variable."""
    from jinja2 import TemplateNotFound, UndefinedError

    try:
        return _environment().get_template(src).render(_revealed(values))
    except TemplateNotFound as error:
        raise InstanceFailed(tr("template {name} does not exist", name=error.name), operation=src) from error
    except UndefinedError as error:
        raise InstanceFailed(
            tr("template {place}: {said}", place=_place(error, src), said=error.message),
            operation=src,
            hint=tr("a template gets only what its role's tasks.py passes to it"),
        ) from error
    except UnicodeDecodeError as error:
        raise InstanceFailed(tr("template {src} is not UTF-8 text", src=src), operation=src) from error
    except Exception as error:  # what an expression of the template raised: anything
        raise InstanceFailed(
            tr("template {place}: {error}", place=_place(error, src), error=error), operation=src
        ) from error


def _place(error: Exception, src: str) -> str:
    """TEMPLATE:LINE that an error came from: the innermost frame in a template, which may be an included one."""
    roots = [Path(root) for root in cast("FileSystemLoader", _environment().loader).searchpath]
    place, trace = src, error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        for root in roots:
            if file.is_relative_to(root):
                place = f"{file.relative_to(root)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _holds_secret(values: Any) -> bool:
    found: list[SecretStr] = []

    def look(value: Any) -> Any:
        if isinstance(value, SecretStr):
            found.append(value)
        return value

    _each(values, look)
    return bool(found)


def _revealed(values: Any) -> Any:
    return _each(values, lambda value: value.get_secret_value() if isinstance(value, SecretStr) else value)


def _each(values: Any, change: Callable[[Any], Any]) -> Any:
    """`values` with `change` applied to what its mappings, lists, tuples and dataclasses hold at the bottom."""
    if isinstance(values, Mapping):
        return {key: _each(value, change) for key, value in values.items()}
    if isinstance(values, list | tuple):
        return tuple(_each(value, change) for value in values)
    if is_dataclass(values) and not isinstance(values, type):
        inner = {field.name: getattr(values, field.name) for field in fields(values) if field.init}
        return replace(values, **_each(inner, change))
    return change(values)
