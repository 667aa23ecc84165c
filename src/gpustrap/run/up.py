"""The flow of `up`, `plan` and `verify`: instance → survey → decisions → operations → proof → report.

Every instance has a greenlet of its own from start to end, so a slow or dead one holds up no other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import gevent
from gevent.event import AsyncResult

from gpustrap.engine import templates
from gpustrap.engine.failures import GatewayBusy, HostKeyChanged
from gpustrap.engine.session import Operation, Session
from gpustrap.errors import BadInput, InstanceFailed
from gpustrap.inventory.instance import Instance
from gpustrap.laptop.paths import places_of
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context
from gpustrap.run.connection import Reach, reach
from gpustrap.run.report import Change, Result, ServiceState
from roles.services.resolve import Services

# How long to leave a busy gateway alone, before each further try; together as long as they are known to refuse.
PAUSES_SECONDS = (5, 25, 60)


class Watcher(Protocol):
    """Who shows what happens. Called from several greenlets, never at the same time."""

    def says(self, instance: str, text: str) -> None: ...
    def starts(self, instance: str, operation: Operation) -> None: ...
    def changed(self, instance: str, change: Change) -> None: ...
    def prints(self, instance: str, line: str) -> None: ...
    def failed(self, instance: str, failure: InstanceFailed) -> None: ...


@dataclass(frozen=True)
class Options:
    """How to run. `roles` limits an instance's roles; `confirm` is asked once, with all plans, before a change.

    `accepts_key` is asked when an instance shows another host key than before, with the instance's name and
    what is wrong in words; without it that is a failure.
    """

    replay: bool = True
    roles: tuple[str, ...] | None = None
    accept_new_key: bool = False
    confirm: Callable[[Mapping[str, Sequence[Change]]], bool] | None = None
    accepts_key: Callable[[str, str], bool] | None = None


@dataclass
class Work:
    """One instance while it is worked on."""

    instance: Instance
    session: Session
    public_urls: Mapping[int, str] = field(default_factory=dict)
    survey: Survey | None = None
    context: Context | None = None
    result: Result = field(default_factory=Result)

    @property
    def alive(self) -> bool:
        return self.result.failed is None


def up(instances: Sequence[Instance], project: Path, options: Options, watcher: Watcher) -> dict[str, Result]:
    """Make every instance so and prove it. One that fails is reported and leaves the others to finish."""
    question = _Question(len(instances), options.confirm)

    def one(work: Work) -> None:
        _look(work, options, watcher)
        if not question.agreed(work):
            raise InstanceFailed("the changes were declined, nothing was changed", operation="confirm")
        _change(work, watcher)

    return _on_all(instances, project, options, watcher, one, prove=True, left=question.is_not_waited_for)


def plan(instances: Sequence[Instance], project: Path, options: Options, watcher: Watcher) -> dict[str, Result]:
    """What `up` would change, on every instance. Changes nothing."""

    def one(work: Work) -> None:
        _look(work, options, watcher)
        for change in pending(work):
            watcher.changed(work.instance.name, change)
            work.result.changed.append(change)
        work.result.unchanged = len(work.session.operations) - len(work.result.changed)

    return _on_all(instances, project, options, watcher, one, prove=False)


def verify(instances: Sequence[Instance], project: Path, options: Options, watcher: Watcher) -> dict[str, Result]:
    """Prove what the roles promise, changing nothing."""

    def one(work: Work) -> None:
        _look(work, options, watcher)

    return _on_all(instances, project, options, watcher, one, prove=True)


def pending(work: Work) -> list[Change]:
    """What the lined up operations would change, each with its details."""
    changes = []
    for operation in work.session.operations:
        if work.session.would_change(operation):
            changes.append(Change(operation.role, operation.name, work.session.details(operation)))
    return changes


def _on_all(instances: Sequence[Instance], project: Path, options: Options, watcher: Watcher,
            one: Callable[[Work], None], *, prove: bool,
            left: Callable[[str], None] = lambda _: None) -> dict[str, Result]:  # fmt: skip
    """Run `one` on every instance, each in its greenlet, then verify those that got through.

    `left` hears of each instance that is through or has failed, however early.
    """
    templates.use_project(project)
    results: dict[str, Result] = {instance.name: Result() for instance in instances}
    works: list[Work] = []

    def start(instance: Instance) -> None:
        began = time.monotonic()
        result = results[instance.name]
        try:
            reached = reach(instance, project, replay=options.replay, accept_new_key=options.accept_new_key,
                            say=lambda text: watcher.says(instance.name, text))  # fmt: skip
            work = _work(instance, reached, result)
            works.append(work)
            one(work)
        except (InstanceFailed, BadInput) as failure:
            result.failed = failure if isinstance(failure, InstanceFailed) else InstanceFailed(str(failure))
            watcher.failed(instance.name, result.failed)
        finally:
            left(instance.name)
        result.seconds = time.monotonic() - began

    greenlets = [gevent.spawn(start, instance) for instance in instances]
    if prove:
        gevent.sleep(0)  # let every instance start to connect first
        import gpustrap.verify.proof  # noqa: F401  (its imports take a tenth of a second: meanwhile sshd answers)
    try:
        gevent.joinall(greenlets, raise_error=True)
        if prove:
            _prove([work for work in works if work.alive and work.survey], project, options, watcher)
    finally:
        gevent.killall(greenlets)
        for work in works:
            work.result.execs = work.session.connector.execs
            work.result.uploads = work.session.connector.uploads
            work.session.close()
    return results


def _work(instance: Instance, reached: Reach, result: Result) -> Work:
    session = Session(instance.name, reached.host_data)
    return Work(instance, session, reached.public_urls, result=result)


def _look(work: Work, options: Options, watcher: Watcher) -> None:
    """Connect, survey, decide, line up. Changes nothing."""
    _connect(work, options, watcher)
    work.survey = work.session.survey()
    roles = tuple(role for role in work.instance.roles if options.roles is None or role in options.roles)
    work.context = Context(
        instance=work.instance.name, region=work.instance.region, roles=work.instance.roles,
        settings=work.instance.settings, public_urls=work.public_urls,
    )  # fmt: skip
    work.session.prepare(roles, work.survey, work.context)


def _connect(work: Work, options: Options, watcher: Watcher) -> None:
    name = work.instance.name
    watcher.says(name, "connecting")
    known = work.session.knows_host_key()
    try:
        _connect_patiently(work, watcher)
    except HostKeyChanged as changed:
        if options.accepts_key is None or not options.accepts_key(name, changed.error):
            raise
        work.session.forget_host_key()
        known = False
        _connect_patiently(work, watcher)
    if not known:
        watcher.says(name, f"first contact, its host key {work.session.host_key} is kept")
    work.session.connector.on_line = lambda line: watcher.prints(name, line)


def _connect_patiently(work: Work, watcher: Watcher) -> None:
    """Connect; where the gateway is busy, wait and try again, each time longer."""
    for pause in PAUSES_SECONDS:
        try:
            work.session.connect()
            return
        except GatewayBusy:
            watcher.says(work.instance.name, f"its ssh gateway is busy, the next try is in {pause} s")
            gevent.sleep(pause)
    work.session.connect()


def _change(work: Work, watcher: Watcher) -> None:
    """Run every operation and note what each changed."""
    name = work.instance.name

    def ended(operation: Operation, changed: bool) -> None:
        if changed:
            change = Change(operation.role, operation.name, work.session.details(operation))
            work.result.changed.append(change)
            watcher.changed(name, change)
        else:
            work.result.unchanged += 1

    work.session.execute(lambda operation: watcher.starts(name, operation), ended)


def _prove(works: Sequence[Work], project: Path, options: Options, watcher: Watcher) -> None:
    """Verify, and put services and broken promises into the results."""
    from gpustrap.verify.proof import Subject, verify

    began = time.monotonic()
    subjects = []
    for work in works:
        assert work.survey is not None and work.context is not None
        remembered = places_of(project, work.instance.name).checks if options.replay else None
        subjects.append(Subject(work.instance.name, work.session, work.survey, work.context, remembered))
    verdicts = verify(subjects, project)
    for work in works:
        verdict = verdicts[work.instance.name]
        _services(work, unhealthy=bool([one for one in verdict.broken if one.role == "services"]))
        if verdict.broken:
            first, *more = verdict.broken
            also = "".join(f"\nalso {one.role} | {one.test}: {one.error.splitlines()[0]}" for one in more)
            work.result.failed = InstanceFailed(first.error + also, role=first.role, operation=first.test)
            watcher.failed(work.instance.name, work.result.failed)
        else:
            promises = "promise holds" if verdict.passed == 1 else "promises hold"
            watcher.says(work.instance.name, f"verified: {verdict.passed} {promises}")
        work.result.seconds += time.monotonic() - began


def _services(work: Work, *, unhealthy: bool) -> None:
    chosen = work.session.chosen.get("services")
    if isinstance(chosen, Services):
        for unit in chosen.units:
            work.result.services[unit.name] = ServiceState(unit.url, unit.local_url, not unhealthy)


class _Question:
    """Asks once, when every instance has said what it would change or has failed."""

    def __init__(self, count: int, ask: Callable[[Mapping[str, Sequence[Change]]], bool] | None):
        self._open = count
        self._ask = ask
        self._plans: dict[str, list[Change]] = {}
        self._answer: AsyncResult[bool] = AsyncResult()
        self._seen: set[str] = set()

    def agreed(self, work: Work) -> bool:
        if self._ask is None:
            return True
        self._plans[work.instance.name] = pending(work)
        self.is_not_waited_for(work.instance.name)
        agreed: bool = self._answer.get()
        if agreed:
            work.session.connector.refresh()  # a person may have thought for a while
        return agreed

    def is_not_waited_for(self, instance: str) -> None:
        """This instance has its plan or has failed."""
        if self._ask is None or instance in self._seen:
            return
        self._seen.add(instance)
        self._open -= 1
        if self._open == 0:
            changing = {name: plan for name, plan in self._plans.items() if plan}
            self._answer.set(not changing or self._ask(changing))


__all__ = ["Options", "Watcher", "Work", "plan", "up", "verify"]
