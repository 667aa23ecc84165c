"""The built-in roles on the path; a hosts.yml of one role; what a role lines up; what its proof says of an instance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from gpustrap import content
from gpustrap.errors import BadInput
from gpustrap.inventory.hosts import load_hosts
from gpustrap.resolve.context import Context

if TYPE_CHECKING:  # the engine is not imported before tests/conftest.py has been heard
    from gpustrap.verify.proof import Verdict

OPERATIONS = "gpustrap.engine.operations"
NOT_FOUND = (127, "sh: 1: not found\n")


@pytest.fixture(autouse=True)
def builtin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from gpustrap.engine import templates

    monkeypatch.syspath_prepend(content.builtin_root())
    templates.use_project(content.builtin_root())
    yield
    templates.use_project(Path())


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Any]:
    """`load("base", "{extra: [htop]}")`: a hosts.yml whose one instance has these settings, from its fourth line on."""
    (tmp_path / "inventory").mkdir()
    monkeypatch.chdir(tmp_path)

    def of(role: str, text: str) -> Any:
        written = "\n".join(f"      {line}" for line in dedent(text).strip().splitlines())
        head = f"instances:\n  one:\n    {{lab: debian-12, roles: [{role}], {role}:\n"
        (tmp_path / "inventory" / "hosts.yml").write_text(f"{head}{written}\n    }}\n", encoding="utf-8")
        return load_hosts(tmp_path).instances["one"].settings[role]

    return of


@pytest.fixture
def refusal(load: Callable[[str, str], Any]) -> Callable[[str, str], list[str]]:
    """What a person reads of such settings that are bad: LINE: KEY: what is wrong."""

    def of(role: str, text: str) -> list[str]:
        with pytest.raises(BadInput) as refused:
            load(role, text)
        return str(refused.value).replace("inventory/hosts.yml:", "").replace("instances.one.", "").splitlines()

    return of


@dataclass(frozen=True)
class Lined:
    """One operation that a role lined up, such as `packages.installed`."""

    operation: str
    name: str
    arguments: Mapping[str, Any]


class Recorder:
    """Stands for a module of operations, or for one of them: keeps what it is called with, runs nothing."""

    def __init__(self, called: str, lined: list[Lined]):
        self._called, self._lined = called, lined

    def __getattr__(self, operation: str) -> Recorder:
        return Recorder(f"{self._called}.{operation}", self._lined)

    def __call__(self, name: str, **arguments: Any) -> None:
        self._lined.append(Lined(self._called, name, arguments))


@pytest.fixture
def lined_up(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Any], list[Lined]]:
    """`lined_up("base", decision)`: the operations, in order. Whatever else tasks.py uses is the real one."""

    def of(role: str, chosen: Any) -> list[Lined]:
        tasks, lined = content.role_module(role, "tasks"), []
        with monkeypatch.context() as patch:
            for name, value in vars(tasks).copy().items():
                if isinstance(value, ModuleType) and value.__name__.startswith(OPERATIONS):
                    patch.setattr(tasks, name, Recorder(value.__name__.rpartition(".")[2], lined))
                elif hasattr(value, "_inner") and value.__module__.startswith(OPERATIONS):
                    patch.setattr(tasks, name, Recorder(f"{value.__module__.rpartition('.')[2]}.{name}", lined))
            getattr(tasks, role).__wrapped__(chosen)
        return lined

    return of


@dataclass
class FakeConnector:
    """Stands for the connection to an instance: a command gets the answer of the first key that it holds.

    An answer is what it prints on stdout, or (exit status, what it prints on stderr); a callable gives one for
    the command. A command that no key is in is one that the instance does not know.
    """

    answers: Mapping[str, Any]
    asked: list[str] = field(default_factory=list)

    def ask(self, commands: Sequence[str]) -> dict[str, Any]:
        self.asked += commands
        return {command: self._answer(command) for command in commands}

    def _answer(self, command: str) -> Any:
        from gpustrap.engine.batch import Answer

        said = next((said for key, said in self.answers.items() if key in command), NOT_FOUND)
        said = said(command) if callable(said) else said
        status, out, err = (said[0], "", said[1]) if isinstance(said, tuple) else (0, str(said), "")
        return Answer(status, out.encode(), err.encode())


@pytest.fixture
def proved(survey: Any) -> Callable[..., Verdict]:
    """`proved("base", decision, {"part of a command": "its answer"})`: what the role's verify.py finds, run for real."""

    def of(role: str, chosen: Any, answers: Mapping[str, Any], box: Any = survey) -> Verdict:
        from gpustrap.verify import proof

        connector: Any = FakeConnector(answers)
        subject = proof.Subject("one", connector, {role: chosen}, box, Context("one", "global", (role,)), None)
        return proof.verify([subject], content.builtin_root())["one"]

    return of


@pytest.fixture
def broken(proved: Callable[..., Verdict]) -> Callable[..., dict[str, str]]:
    """As `proved`: promise → the sentence on it, of those that do not hold."""

    def of(*subject: Any) -> dict[str, str]:
        return {each.promise: each.error for each in proved(*subject).broken}

    return of
