"""One instance while it is worked on, and many at the same time: what one does is that one's failure alone."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import gevent
from gevent.event import Event

from gpustrap.engine import failures, notes, templates
from gpustrap.engine.greenlets import end
from gpustrap.engine.session import Session
from gpustrap.errors import BadInput, InstanceFailed, NotRunning
from gpustrap.inventory.instance import Instance
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context
from gpustrap.run.access import Asks
from gpustrap.run.ahead import import_ahead
from gpustrap.run.connection import reach
from gpustrap.run.patience import Patience
from gpustrap.run.report import Change, Result
from gpustrap.run.watcher import Watcher

KILL_SECONDS = 1  # for what is still at work when a person presses Ctrl-C

logger = logging.getLogger("gpustrap")


@dataclass(frozen=True)
class Options:
    """How to run. `roles` limits an instance's roles; `confirm` is asked once, with all plans, before a change.

    `accepts_key` is asked about a host key that changed, with the instance's name and what is wrong; without it that
    is a failure. `takes_over` is asked in the same way about a box of another project or instance; `take_over` is a
    yes in advance. `asks` gives the password of an instance that lets no key in.
    """

    replay: bool = True
    roles: tuple[str, ...] | None = None
    accept_new_key: bool = False
    confirm: Callable[[Mapping[str, Sequence[Change]]], bool] | None = None
    accepts_key: Callable[[str, str], bool] | None = None
    take_over: bool = False
    takes_over: Callable[[str, str], bool] | None = None
    asks: Asks | None = None
    measure: bool = False  # mirrors are measured again, also where that was done today
    stash: bool = False  # project's on_box_changes, whatever hosts.yml says
    diff: bool = False  # the details of files tell what changes inside
    patience: Patience = field(default_factory=lambda: Patience())


@dataclass
class Work:
    """One instance while it is worked on. `survey` and what follows is there once that step is done."""

    instance: Instance
    session: Session
    options: Options
    watcher: Watcher
    public_urls: Mapping[int, str] = field(default_factory=dict)
    survey: Survey | None = None
    context: Context | None = None
    chosen: Mapping[str, Any] = field(default_factory=dict)
    result: Result = field(default_factory=Result)
    unready: Mapping[str, str] = field(default_factory=dict)  # service → why it did not get ready

    @property
    def name(self) -> str:
        return self.instance.name

    @property
    def got_through(self) -> bool:
        """Every step was done: nothing failed, and nobody said no."""
        return self.result.failed is None and not self.result.declined and self.context is not None

    @property
    def loan(self) -> Any:
        """What of the laptop's network `up` lends here, as the role network decided; None where it lends nothing."""
        return getattr(self.chosen.get("network"), "loan", None)

    def says(self, text: str) -> None:
        self.watcher.says(self.name, text)


Absent = Callable[[Instance, Result, NotRunning], None]


def on_all(
    instances: Sequence[Instance],
    project: Path,
    options: Options,
    watcher: Watcher,
    one: Callable[[Work], None],
    then: Callable[[Sequence[Work]], None] = lambda _works: None,
    left: Callable[[str], None] = lambda _name: None,
    *,
    absent: Absent | None = None,
    **reaching: bool,
) -> dict[str, Result]:
    """Run `one` on every instance, each in a greenlet of its own, then `then` on those that got through.

    A slow or dead instance holds up no other. `left` hears of each one that is through or has failed, `absent` of a lab
    target that is not made. `reaching` is `makes` and `proves` of `reach`.
    """
    templates.use_project(project)
    results, works, waits = {instance.name: Result() for instance in instances}, list[Work](), Event()

    def start(instance: Instance) -> None:
        result = results[instance.name]
        try:
            with _timed(result, options.patience), _failing_alone(instance, result, watcher, absent):
                works.append(_reached(instance, project, options, watcher, result, **reaching))
                works[-1].session.connector.on_open = waits.set  # its first question is on its way
                one(works[-1])
        finally:
            waits.set()
            left(instance.name)

    greenlets = [gevent.spawn(start, one) for one in instances] + [gevent.spawn(import_ahead, waits, **reaching)]
    try:
        gevent.joinall(greenlets, raise_error=True)
        then([work for work in works if work.got_through])
    finally:
        end(greenlets, KILL_SECONDS)
        for work in works:
            close(work)
    return results


def _reached(
    instance: Instance, project: Path, options: Options, watcher: Watcher, result: Result, **reaching: bool
) -> Work:
    say = partial(watcher.says, instance.name)
    reached = reach(instance, project, replay=options.replay, say=say, **reaching)
    wants = {notes.DIFF: True} if options.diff else {}
    session = Session(instance.name, {**reached.host_data, **wants})
    return Work(instance, session, options, watcher, reached.public_urls, result=result)


@contextmanager
def _timed(result: Result, patience: Patience) -> Iterator[None]:
    """How long it took, without what a person took to answer."""
    began, asked = time.monotonic(), patience.seconds
    try:
        yield
    finally:
        result.seconds = time.monotonic() - began - (patience.seconds - asked)


@contextmanager
def _failing_alone(instance: Instance, result: Result, watcher: Watcher, absent: Absent | None) -> Iterator[None]:
    """Whatever is raised inside is this instance's failure, or what `absent` says of a lab target that is not there."""
    try:
        yield
    except failures.ENDS:
        raise
    except BaseException as error:
        if absent is not None and isinstance(error, NotRunning):
            absent(instance, result, error)
            return
        result.failed = failure_of(error)
        watcher.failed(instance.name, result.failed)


def failure_of(error: BaseException) -> InstanceFailed:
    """What went wrong on one instance, in a sentence. An exception that nobody foresaw is one too."""
    if isinstance(error, InstanceFailed):
        return error
    if isinstance(error, BadInput):
        return InstanceFailed(str(error))
    logger.debug("unforeseen", exc_info=error)
    return failures.of_unforeseen(error)


def close(work: Work) -> None:
    connector = work.session.connector
    work.result.execs, work.result.uploads = connector.execs, connector.uploads
    try:
        work.session.close()
    except Exception as error:  # the work is done, and the other sessions are to be closed too
        logger.debug("closing %s: %r", work.name, error)
