"""A pytest plugin: in place of the tests, tries mutants, each in a fork of this process that has everything imported.

In the fork the function's code is replaced wherever the function object is known, and a module's constant wherever it was
imported; any other change outside functions, and a constant's that nothing noticed, needs the module executed again,
so there all of the project is forgotten and pytest starts anew. Both give the mutated source
to whoever imports or reads the file later, as what sends it to a box does. Reads $MUTATION_TASK (written by run.py),
writes one line a mutant.
"""

from __future__ import annotations

import ast
import ctypes
import gc
import importlib
import importlib.util
import itertools
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import suppress
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import _pytest.main
import pytest
from mutants import mutated
from watch import Watch, ended

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
KILLED, SURVIVED, STARTED = 1, 0, 77
SUBREAPER = 36  # prctl's PR_SET_CHILD_SUBREAPER: what a test leaves behind becomes our child, and ends with its mutant


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    if session.testsfailed:
        raise pytest.UsageError("a test file cannot be read")
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    task = json.loads(Path(os.environ["MUTATION_TASK"]).read_text())
    items = {item.nodeid: item for item in session.items}
    functions = _functions()
    gc.collect()
    gc.freeze()
    killers: dict[tuple[str, str], list[str]] = defaultdict(list)
    with Path(task["results"]).open("a") as results:
        for mutant in task["mutants"]:
            began = time.monotonic()
            there = [test for test in mutant["tests"] if test in items]  # pytest refuses a name that is gone meanwhile
            mutant["tests"] = _those_that_killed_first(killers[_place(mutant)], there)
            outcome, why = _try(session, items, functions, mutant, task["limits"])
            killers[_place(mutant)][:0] = [why["by"]] if outcome == "killed" and "by" in why else []
            line = {"name": mutant["name"], "outcome": outcome, "seconds": round(time.monotonic() - began, 2), **why}
            results.write(json.dumps(line) + "\n")
            results.flush()
    return True


def _place(mutant: dict[str, Any]) -> tuple[str, str]:
    return mutant["file"], mutant["function"]


def _those_that_killed_first(killers: list[str], tests: list[str]) -> list[str]:
    """A function's mutants die by the same few tests."""
    return list(dict.fromkeys([*(test for test in killers[:5] if test in tests), *tests]))


def _functions() -> dict[tuple[str, str, int], list[FunctionType]]:
    """(file, qualified name, first line) → the function objects, of all modules of the project."""
    for name in _modules():
        importlib.import_module(name)
    found = defaultdict(list)
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and each.__code__.co_filename.startswith(f"{ROOT}/"):
            code = each.__code__
            found[code.co_filename, code.co_qualname, code.co_firstlineno].append(each)
    return found


def _modules() -> list[str]:
    sys.path.insert(0, str(ROOT))
    engine = sorted((ROOT / "src" / "gpustrap" / "engine").rglob("*.py"))
    names = [".".join(file.relative_to(ROOT / "src").with_suffix("").parts) for file in engine]
    roles = sorted((ROOT / "roles").rglob("*.py"))
    names += [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in roles]
    return ["gpustrap.engine", "gpustrap.verify.proof", *(name.removesuffix(".__init__") for name in names)]


def _try(
    session: pytest.Session,
    items: dict[str, Any],
    functions: Any,
    mutant: dict[str, Any],
    limits: dict[str, float],
) -> tuple[str, dict[str, str]]:
    """Its outcome, and which test killed it by which exception."""
    folder = Path(tempfile.mkdtemp(prefix="mutant-"))
    watch = Watch(folder / "killer.json", limits)
    child = os.fork()
    if child == 0:
        code = STARTED
        with suppress(BaseException):
            code = _child(session, items, functions, mutant, folder, watch)
        os._exit(code)
    status = ended(child, watch)
    _end_orphans()
    why = watch.killer()
    shutil.rmtree(folder, ignore_errors=True)
    if status is None:
        return "out of time", why
    if (code := os.waitstatus_to_exitcode(status)) == SURVIVED:
        return "survived", {}
    named = {KILLED: "killed", STARTED: "could not be tried"}
    return named.get(code, "ended"), why


def _end_orphans() -> None:
    """Servers and shells that a test left: they are our children now."""
    for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
        with suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)
    with suppress(ChildProcessError):
        while os.waitpid(-1, 0)[0]:
            pass


def _child(
    session: pytest.Session, items: dict[str, Any], functions: Any, mutant: dict[str, Any], tmp: Path, watch: Watch
) -> int:
    os.setsid()
    quiet = os.open(os.environ.get("MUTATION_OUTPUT", os.devnull), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(quiet, stream)
    os.environ["TMPDIR"] = tempfile.tempdir = str(tmp)
    file = ROOT / mutant["file"]
    source = file.read_text()
    tree = mutated(mutant["file"], source, mutant["name"]) if mutant["operator"] else ast.parse(source)
    _read_as(file, tree)
    in_place = _replaced(functions, mutant, file, tree) if mutant["function"] else _value_replaced(mutant, file, tree)
    if in_place or (mutant["function"] and not mutant["operator"]):
        code = _run_here(session, [items[test] for test in mutant["tests"]], tmp, watch)
        if code == KILLED or (mutant["function"] and not mutant["at_import"]):
            return code
    return _run_anew(mutant["tests"], tmp, watch)


def _read_as(file: Path, tree: ast.Module) -> None:
    """Whoever imports or reads the file from now on gets this instead."""
    code, text = compile(tree, str(file), "exec", dont_inherit=True), ast.unparse(tree) + "\n"
    get_code, read_text = SourceFileLoader.get_code, Path.read_text

    def code_of(self: SourceFileLoader, name: str) -> CodeType | None:
        return code if self.path == str(file) else get_code(self, name)

    def text_of(self: Path, *arguments: Any, **named: Any) -> str:
        return text if str(self) == str(file) else read_text(self, *arguments, **named)

    SourceFileLoader.get_code = code_of  # type: ignore[method-assign]
    Path.read_text = text_of  # type: ignore[method-assign]


def _replaced(functions: Any, mutant: dict[str, Any], file: Path, tree: ast.Module) -> bool:
    where = (str(file), mutant["function"], mutant["first_line"])
    code = _code_in(compile(tree, str(file), "exec", dont_inherit=True), *where[1:])
    if code is None or not functions[where]:
        return False
    for function in functions[where]:
        if len(function.__code__.co_freevars) != len(code.co_freevars):
            return False
        function.__code__ = code
    return True


def _value_replaced(mutant: dict[str, Any], file: Path, tree: ast.Module) -> bool:
    """A module's table or bound, in place wherever it was imported by its name; what was computed from it stays."""
    line = mutant["lines"][0]
    assigned = next((one for one in tree.body if one.lineno <= line <= (one.end_lineno or 0)), None)
    if not mutant["operator"] or not isinstance(assigned, ast.Assign | ast.AnnAssign):
        return False
    ours = [
        module for module in list(sys.modules.values()) if str(getattr(module, "__file__", "")).startswith(f"{ROOT}/")
    ]
    module = next((one for one in ours if one.__file__ == str(file)), None)
    if module is None:
        return False
    before, now = vars(module), dict(vars(module))
    exec(compile(ast.Module([assigned], []), str(file), "exec", dont_inherit=True), now)
    changed = {name: value for name, value in now.items() if before.get(name) is not value and name != "__builtins__"}
    for other, (name, value) in itertools.product(ours, changed.items()):
        if vars(other).get(name) is before.get(name) and name in vars(other):
            setattr(other, name, value)
    return bool(changed)


def _code_in(code: CodeType, name: str, first_line: int) -> CodeType | None:
    if (code.co_qualname, code.co_firstlineno) == (name, first_line):
        return code
    inner = (_code_in(each, name, first_line) for each in code.co_consts if isinstance(each, CodeType))
    return next((each for each in inner if each is not None), None)


def _run_here(session: pytest.Session, chosen: list[Any], tmp: Path, watch: Watch) -> int:
    session.config._tmp_path_factory._basetemp = tmp  # type: ignore[attr-defined]
    session.items[:] = chosen
    session.config.option.maxfail = 1
    session.config.pluginmanager.register(watch)
    try:
        _pytest.main.pytest_runtestloop(session)
    except session.Failed:
        return KILLED
    return KILLED if session.testsfailed else SURVIVED


def _run_anew(tests: list[str], tmp: Path, watch: Watch) -> int:
    """The first test's file first: most die there, and reading all the others takes seconds."""
    os.environ.pop("PYTEST_ADDOPTS", None)
    first = tests[0].partition("::")[0]
    near = [test for test in tests if test.startswith(f"{first}::")]
    for part in (near, [test for test in tests if test not in near]):
        if part and _killed_anew(part, tmp, watch):
            return KILLED
    return SURVIVED


def _killed_anew(tests: list[str], tmp: Path, watch: Watch) -> bool:
    for name, module in list(sys.modules.items()):
        file = Path(getattr(module, "__file__", None) or "/")
        ours = file.is_relative_to(ROOT) and HERE not in file.parents and ".venv" not in file.parts
        if ours or name.split(".")[0] == "roles":
            del sys.modules[name]
    watch.reads()
    options = ["-x", "-q", "-p", "no:cacheprovider", f"--basetemp={tmp}/anew"]
    return pytest.main([*options, *tests], [watch]) not in (0, pytest.ExitCode.NO_TESTS_COLLECTED)
