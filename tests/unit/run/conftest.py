"""Fakes for what a run needs: sessions without a box, a watcher that keeps what it hears, roles of a project's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gpustrap.engine import templates
from gpustrap.engine.advance import Opening, Proof
from gpustrap.engine.batch import Answer
from gpustrap.engine.facts.traces import Traces
from gpustrap.engine.session import Operation
from gpustrap.errors import InstanceFailed
from gpustrap.inventory.instance import Instance
from gpustrap.inventory.ssh import SshTarget
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.download import Download
from gpustrap.run import steps
from gpustrap.run import work as working
from gpustrap.run.connection import Reach
from gpustrap.run.work import Options, Work
from gpustrap.verify import proof as proving


class FakeConnector:
    """Answers `change` from `answers`, each the lines that are heard and the status; then with success."""

    def __init__(self, log: list[str]):
        self.execs, self.uploads, self.replays, self.connected = 2, 1, True, True
        self.on_line: Callable[[str], None] | None = None
        self.answers: list[tuple[list[str], int, str]] = []
        self.scripts: list[str] = []
        self._log = log

    def change(self, text: str, on_line: Callable[[str], None] | None = None) -> Answer:
        self._log.append("lock")
        self.scripts.append(text)
        lines, status, stderr = self.answers.pop(0) if self.answers else ([], 0, "")
        for line in lines:
            assert on_line is not None
            on_line(line)
        return Answer(status, b"", stderr.encode())

    def refresh(self) -> None:
        self._log.append("refresh")


class FakeSession:
    """What `Session` is to a run. `fails` maps a step to what it raises, once for each in the list."""

    def __init__(self, name: str, survey: Survey):
        self.name = name
        self.log: list[str] = []
        self.connector = FakeConnector(self.log)
        self.operations: list[Operation] = []
        self.pending: tuple[str, ...] = ()  # operations that change something
        self.fetched: dict[str, tuple[Download, ...]] = {}  # what the operation of each role downloads
        self.said: dict[str, tuple[str, ...]] = {}  # what the operation of each role says that it changes
        self.restarts: dict[str, str] = {}  # why that of each role changes something after another environment
        self.spoilt = ""  # what is wrong with each operation that is about a part of its role
        self.fails: dict[str, list[BaseException]] = {}
        self.known = True
        self.host_key = "SHA256:new"
        self.lined_up: dict[str, Any] = {}
        self.found: list[Traces] = []  # what gpustrap has left there, each time when it is asked
        self._survey = survey

    def _step(self, step: str) -> None:
        self.log.append(step)
        if self.fails.get(step):
            raise self.fails[step].pop(0)

    def connect(self) -> None:
        self._step("connect")

    def knows_host_key(self) -> bool:
        return self.known

    def forget_host_key(self) -> None:
        self._step("forget")

    def survey(self, folders: Sequence[str] = ()) -> Survey:
        self._step("survey")
        self.looked_in = folders
        return self._survey

    def has(self, **survey: Any) -> None:
        self._survey = replace(self._survey, **survey)

    def traces(self) -> Traces:
        self._step("traces")
        return self.found.pop(0) if self.found else Traces()

    def line_up(self, chosen: dict[str, Any], _tasks_of: Any = None) -> None:
        self._step("line_up")
        self.lined_up = dict(chosen)
        self.operations = [Operation(role, "files", role) for role in chosen]

    def would_change(self, operation: Operation) -> bool:
        if self.spoilt and ": " in operation.name:
            raise InstanceFailed(self.spoilt)
        return operation.role in self.pending

    def details(self, operation: Operation) -> tuple[str, ...]:
        return self.said.get(operation.role, (f"+ {operation.role}",))

    def restart(self, operation: Operation) -> str:
        return self.restarts.get(operation.role, "")

    def downloads(self, operation: Operation) -> tuple[Download, ...]:
        return self.fetched.get(operation.role, ())

    def execute(
        self,
        started: Callable[[Operation], None],
        ended: Callable[[Operation, bool], None],
        opening: Opening | None = None,
        part_of: Callable[[Operation], str] = lambda _operation: "",
        proof: Proof | None = None,
    ) -> dict[str, InstanceFailed]:
        self.proof = proof
        if opening is not None:
            opening.judge(self.connector.change(opening.text, on_line=opening.hear))
        self._step("execute")
        for operation in self.operations:
            started(operation)
            ended(operation, operation.role in self.pending)
        return {part: InstanceFailed(self.spoilt) for one in self.operations if self.spoilt and (part := part_of(one))}

    def close(self) -> None:
        self._step("close")


@dataclass
class Heard:
    """A watcher that keeps, for each instance, what it heard."""

    said: dict[str, list[str]] = field(default_factory=dict)
    events: list[tuple[str, str, Any]] = field(default_factory=list)

    def says(self, instance: str, text: str) -> None:
        self.said.setdefault(instance, []).append(text)

    def decided(self, instance: str, reasons: Any) -> None:
        self.events.append(("decided", instance, reasons))

    def starts(self, instance: str, operation: Operation) -> None:
        self.events.append(("starts", instance, operation.role))

    def planned(self, instance: str, changes: Any) -> None:
        self.events.extend(("changed", instance, change) for change in changes)

    def changed(self, instance: str, change: Any) -> None:
        self.events.append(("changed", instance, change))

    def prints(self, instance: str, line: str) -> None:
        self.events.append(("prints", instance, line))

    def failed(self, instance: str, failure: Any) -> None:
        self.events.append(("failed", instance, failure.error))

    def kinds(self, instance: str) -> list[str]:
        return [kind for kind, whose, _ in self.events if whose == instance]


@dataclass
class World:
    """Instances by name, their fake sessions, and what the proof was asked."""

    project: Path
    sessions: dict[str, FakeSession]
    watcher: Heard = field(default_factory=Heard)
    proved: list[list[str]] = field(default_factory=list)

    def instances(self, roles: Sequence[str] = ()) -> list[Instance]:
        settings: dict[str, Any] = {role: f"{role}'s settings" for role in roles}
        return [Instance(name, SshTarget(name), None, None, "global", tuple(roles), settings) for name in self.sessions]

    def run(self, story: Callable[..., Any], options: Options = Options(), roles: Sequence[str] = ()) -> Any:  # noqa: B008 (frozen)
        return story(self.instances(roles), self.project, options, self.watcher)

    def work(self, options: Options = Options(), roles: Sequence[str] = (), name: str = "one") -> Work:  # noqa: B008
        (instance,) = (one for one in self.instances(roles) if one.name == name)
        session: Any = self.sessions[name]
        return Work(instance, session, options, self.watcher)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, survey: Survey, role: Any) -> World:
    """Instances `one`, `two` and `three` on fake sessions; the proof is a fake that finds all well."""
    box = replace(survey, owner=None, root=True)
    sessions = {name: FakeSession(name, box) for name in ("one", "two", "three")}
    world = World(tmp_path / "shop", sessions)
    world.project.mkdir()
    monkeypatch.setattr(working, "Session", lambda name, _data: sessions[name])
    monkeypatch.setattr(working, "reach", lambda *_args, **_named: Reach({}))
    monkeypatch.setattr(templates, "use_project", lambda _project: None)
    places = SimpleNamespace(checks=tmp_path / "checks.json", proved=tmp_path / "proved")
    monkeypatch.setattr("gpustrap.run.proof.places_of", lambda *_: places)
    monkeypatch.setattr(steps, "places_of", lambda *_: places)

    def verify(subjects: Sequence[Any], _project: Path) -> dict[str, proving.Verdict]:
        world.proved.append([subject.name for subject in subjects])
        return {subject.name: proving.Verdict(passed=1) for subject in subjects}

    monkeypatch.setattr("gpustrap.verify.proof.verify", verify)
    for name in ("alpha", "beta"):
        role(name)
    return world


@pytest.fixture
def role(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_role_loaded: None) -> Callable[..., None]:
    """Add a role of a project's own, which no other test has loaded."""
    monkeypatch.syspath_prepend(tmp_path)

    def add(name: str, **modules: str) -> None:
        folder = tmp_path / "roles" / name
        folder.mkdir(parents=True)
        for module, text in {"tasks": "", **modules}.items():
            (folder / f"{module}.py").write_text(text)

    return add
