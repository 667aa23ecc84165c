"""One case is one file, `MODULE.OPERATION/CASE.yaml`, in the form of pyinfra-testing and with its command texts.

    kwargs: what the operation is called with
    facts: {Fact: its value}
    commands: what it yields: a text, {script: its name, PARAMETER: its value …, steps, stdin} or {upload, to};
      `steps` are the lines below the script, `stdin` is {member of the archive: text}
    failure: the text of the InstanceFailed that it raises instead; `hint` is its hint
    asked: {Fact: the arguments that it is asked with}, of those that matter
    details: the lines it notes for `plan`
    restart: why it would start a service anew if what all services read changes, where the case names it
    downloads: the sizes that it tells a plan of, in bytes, where the case names them
    noop_description: why it does nothing
    after: {Fact: its value}: the facts once the commands have run; then nothing must be left to do. It has to be
      there where there are commands; `after: cannot be told` where the outcome is only known on an instance

pyinfra-testing itself (0.2.1) knows facts only as plain data and reads no archive, so types are made here:
from the annotations of the operation and of the fact.
"""

from __future__ import annotations

import base64
import io
import shlex
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

PACKAGE = "gpustrap.engine"


def pytest_collect_file(parent: pytest.Collector, file_path: Path) -> pytest.Collector | None:
    return Case.from_parent(parent, path=file_path) if file_path.suffix == ".yaml" else None


class Case(pytest.File):
    def collect(self) -> Iterator[pytest.Item]:
        from ruamel.yaml import YAML

        case = YAML(typ="safe", pure=True).load(self.path.read_text(encoding="utf-8"))
        yield Run.from_parent(self, name="as the facts are", case=case, facts="facts")
        if case.get("after", "cannot be told") != "cannot be told":
            yield Run.from_parent(self, name="as they are afterwards", case=case, facts="after")


class Run(pytest.Item):
    def __init__(self, case: dict[str, Any], facts: str, **rest: Any):
        super().__init__(**rest)
        self.case, self.facts = case, facts

    def runtest(self) -> None:
        operation = _operation(self.path.parent.name)
        host = Host(self.case[self.facts], self.case.get("executing", False), self.case.get("asked", {}))
        first = self.facts == "facts"
        if first and "failure" in self.case:
            self._fails(operation, host)
            return
        commands = [_shown(command) for command in _run(operation, self.case["kwargs"], host)]
        assert not commands or "after" in self.case, "a case with commands says what the facts are afterwards"
        assert commands == (self.case.get("commands", []) if first else [])
        assert host.details == (self.case.get("details", []) if first else [])
        if first and "downloads" in self.case:
            assert host.downloads == self.case["downloads"]
        if first and "restart" in self.case:
            assert host.restart == self.case["restart"]
        if not commands:
            assert host.why_not is not None, "an operation that does nothing says why"
        if first:
            assert host.why_not == self.case.get("noop_description")

    def _fails(self, operation: Any, host: Host) -> None:
        from gpustrap.errors import InstanceFailed

        with pytest.raises(InstanceFailed) as raised:
            _run(operation, self.case["kwargs"], host)
        assert raised.value.error == self.case["failure"]
        assert raised.value.hint == self.case.get("hint", raised.value.hint)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ARG002
        return super().repr_failure(excinfo, "short")

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"{self.path.parent.name}/{self.path.stem}: {self.name}"


class Host:
    """What an operation sees of pyinfra's host: facts, and that it is not run but looked at."""

    current_op_hash = "op"
    name = "it"

    def __init__(self, facts: dict[str, Any], executing: bool, asked: dict[str, Any]):
        self.facts, self.asked = facts, asked
        self.connector_data: dict[str, Any] = {}
        self.data: dict[str, Any] = {}
        self.why_not: str | None = None
        self.state = type("State", (), {"is_executing": executing})

    def get_fact(self, fact: type, **arguments: Any) -> Any:
        fact().command(**arguments)  # the arguments are such that it can ask
        assert _lists(arguments) == self.asked.get(fact.__name__, _lists(arguments))
        return _typed(_answer_of(fact), self.facts[fact.__name__])

    def noop(self, description: str) -> None:
        self.why_not = description

    @property
    def details(self) -> list[str]:
        from gpustrap.engine.notes import noted

        return list(noted(self.connector_data, "op"))

    @property
    def restart(self) -> str:
        from gpustrap.engine.notes import restart_of

        return restart_of(self.connector_data, "op")

    @property
    def downloads(self) -> list[int | None]:
        from gpustrap.engine.notes import downloads_of

        return [one.size for one in downloads_of(self.connector_data, "op")]


def _operation(path: str) -> Any:
    from importlib import import_module

    module, name = path.split(".")
    import_module(PACKAGE)
    commands_of = import_module(f"{PACKAGE}.pyinfra_internals").commands_of
    return commands_of(getattr(import_module(f"{PACKAGE}.operations.{module}"), name))


def _run(operation: Any, kwargs: dict[str, Any], host: Host) -> list[Any]:
    from pyinfra.context import ctx_host

    hints = get_type_hints(operation)
    typed = {name: _typed(hints[name], value) for name, value in kwargs.items()}
    with ctx_host.use(host):
        return list(operation(**typed))


def _typed(annotation: Any, value: Any) -> Any:
    """Plain data as what is annotated: dataclasses, pydantic models, and collections of them."""
    from pydantic import TypeAdapter

    return TypeAdapter(annotation).validate_python(value)


def _answer_of(fact: Any) -> Any:
    """The T of `class Fact(FactBase[T])`."""
    (base,) = fact.__orig_bases__
    return get_args(base)[0]


def _shown(command: Any) -> Any:
    from pyinfra.api import FileUploadCommand

    if isinstance(command, FileUploadCommand):
        return {"upload": Path(str(command.src)).name, "to": str(command.dest)}
    text = command.get_raw_value()
    shown = _script(text) or text
    sent = command.connector_arguments.get("_stdin")
    if not sent:
        return shown
    return {**(shown if isinstance(shown, dict) else {"command": shown}), "stdin": _members("".join(sent))}


def _script(text: str) -> dict[str, Any] | None:
    """Which of the engine's scripts a command is, with its parameters; None for a command of another kind.

    What it shares with others stands before it: the last one is the one that does something.
    """
    from gpustrap.engine.scripts import FOLDER, text_of

    parts = [(at, file.stem) for file in FOLDER.glob("*.sh") if (at := text.find(text_of(file.stem))) >= 0]
    if not parts:
        return None
    at, name = max(parts)
    ends = [start + len(text_of(part)) for start, part in parts]
    before = text[max([end for end in ends if end <= at], default=0) : at]
    parameters = dict(word.split("=", 1) for word in shlex.split(before))
    steps = text[at + len(text_of(name)) :].splitlines()
    return {"script": name, **parameters, **({"steps": steps} if steps else {})}


def _members(archive: str) -> dict[str, str]:
    """The archive's texts; of the script only the steps, which stand below its functions."""
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(archive))) as tar:
        files = [member for member in tar if member.isfile()]
        texts = {member.name: tar.extractfile(member).read().decode() for member in files}  # type: ignore[union-attr]
    if "apply" in texts:
        texts["apply"] = texts["apply"].rpartition("}\n")[2]
    return texts


def _lists(value: Any) -> Any:
    """With lists for tuples, as YAML has them."""
    if isinstance(value, dict):
        return {key: _lists(one) for key, one in value.items()}
    return [_lists(one) for one in value] if isinstance(value, list | tuple) else value
