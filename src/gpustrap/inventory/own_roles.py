"""What is wrong with the form of a project's own role, read without running it: each a sentence with file and line."""

from __future__ import annotations

import ast
import keyword
from collections.abc import Iterator
from pathlib import Path

from gpustrap import content
from gpustrap.errors import Fault, nearest
from gpustrap.inventory.document import displayed
from gpustrap.language import tr

Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def faults_of_role(project: Path, role: str) -> list[Fault]:
    """The faults of the files that the project has of this role; none for one that is all built in."""
    folder = project / "roles" / role
    if not folder.is_dir() or folder == _builtin(role):
        return []
    if fault := name_fault(role):
        return [Fault(fault.message, displayed(folder), hint=fault.hint)]
    if (folder / "tasks.py").is_file() and not _has_settings(folder, role):
        hint = tr("a role without settings has: class Settings(BaseModel): pass")
        return [Fault(tr("the role has no settings.py"), displayed(folder), hint=hint)]
    return [
        fault
        for part, check in (("settings", _settings), ("resolve", _resolve), ("tasks", _tasks), ("verify", _nothing))
        if (path := folder / f"{part}.py").is_file()
        for fault in _faults(path, role, check)
    ]


def _has_settings(folder: Path, role: str) -> bool:
    return any((root / "settings.py").is_file() for root in (folder, _builtin(role)))


def _builtin(role: str) -> Path:
    return content.builtin_root() / "roles" / role


def name_fault(role: str) -> Fault | None:
    """Why a role cannot be called so; None where it can."""
    if role.isidentifier() and role.isascii() and not keyword.iskeyword(role):
        return None
    if keyword.iskeyword(role):
        return Fault(
            tr("'{role}' is a word of Python's own, which no role can be called", role=role),
            hint=tr("call it {usable}", usable=f"{role}_role"),
        )
    usable = "".join(one if one.isascii() and (one.isalnum() or one == "_") else "_" for one in role)
    hint = tr("call it {usable}", usable=usable) if usable.isidentifier() and not keyword.iskeyword(usable) else None
    return Fault(tr("a role's name has letters, digits and underscores only, got '{role}'", role=role), hint=hint)


class Module:
    """A file as it is written: what it defines by name, in any way, and where."""

    def __init__(self, path: Path, tree: ast.Module):
        self.file = displayed(path)
        self.defined: dict[str, ast.stmt] = {}
        for one in ast.walk(tree):
            if (isinstance(one, ast.stmt) and one.col_offset == 0) or isinstance(one, ast.ImportFrom | ast.Assign):
                self.defined |= dict.fromkeys(_names(one), one)

    def named(self, kind: type[Named]) -> list[str]:
        return [name for name, one in self.defined.items() if isinstance(one, kind)]

    def lacks(self, name: str, kind: type[Named], word: str, hint: str) -> Fault:
        """There is no `name`: the one of that kind that is most like it, or the only one, is where it was meant."""
        others = self.named(kind)
        like = nearest(name, others) or (others[0] if len(others) == 1 else None)
        other = tr("; '{like}' is another name", like=like) if like else ""
        return Fault(
            tr("no {word} '{name}'{other}", word=word, name=name, other=other),
            self.file,
            self.defined[like].lineno if like else None,
            hint=hint,
        )


def _names(statement: ast.stmt | ast.AST) -> list[str]:
    if isinstance(statement, Named):
        return [statement.name]
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return [(one.asname or one.name) for one in statement.names]
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _faults(path: Path, role: str, check: object) -> Iterator[Fault]:
    try:
        tree = ast.parse(path.read_bytes())
    except SyntaxError as error:
        yield Fault(tr("not Python: {msg}", msg=error.msg), displayed(path), error.lineno)
    except (OSError, ValueError) as error:  # a null byte is a ValueError
        yield Fault(tr("cannot be read: {error}", error=error), displayed(path))
    else:
        module = Module(path, tree)
        if "*" not in module.defined:  # what `from x import *` brings is not known
            yield from check(module, role)  # type: ignore[operator]


def _settings(module: Module, _role: str) -> Iterator[Fault]:
    found = module.defined.get("Settings")
    if found is None:
        yield module.lacks(
            "Settings", ast.ClassDef, "class", tr("a role's settings are a pydantic model called Settings")
        )
    elif isinstance(found, ast.ClassDef) and not found.bases:
        hint = tr("from pydantic import BaseModel; class Settings(BaseModel)")
        yield Fault(tr("class Settings is no pydantic model"), module.file, found.lineno, hint=hint)


def _resolve(module: Module, _role: str) -> Iterator[Fault]:
    found = module.defined.get("choose")
    form = tr("the form is def choose(settings, survey, context)")
    if found is None:
        yield module.lacks("choose", ast.FunctionDef, "function", form)
    elif isinstance(found, ast.FunctionDef) and not _takes(found.args, 3):
        count = len(found.args.posonlyargs + found.args.args + found.args.kwonlyargs)
        message = f"function 'choose' takes {count} argument{'' if count == 1 else 's'}, and is given three"
        yield Fault(message, module.file, found.lineno, hint=form)


def _takes(arguments: ast.arguments, count: int) -> bool:
    """Whether a call with so many arguments by place is one that the function takes."""
    places = len(arguments.posonlyargs + arguments.args)
    needed = places - len(arguments.defaults)
    keywords = None in arguments.kw_defaults
    return needed <= count and (count <= places or arguments.vararg is not None) and not keywords


def _tasks(module: Module, role: str) -> Iterator[Fault]:
    found = module.defined.get(role)
    form = tr("the form is @deploy('{role}') above def {role}(chosen)", role=role)
    if found is None:
        yield module.lacks(role, ast.FunctionDef, "function", form)
    elif isinstance(found, ast.FunctionDef) and (message := _wrong(found, role)):
        yield Fault(message, module.file, found.lineno, hint=form)


def _wrong(function: ast.FunctionDef, role: str) -> str | None:
    taken = function.args
    if not function.decorator_list:
        return tr("function '{role}' lacks @deploy('{role}') from pyinfra.api", role=role)
    if not (taken.args or taken.posonlyargs or taken.vararg):
        return tr("function '{role}' takes no argument, and is given what was decided", role=role)
    return None


def _nothing(_module: Module, _role: str) -> Iterator[Fault]:
    yield from ()
