"""The last step of `up` and `verify`: prove what the roles promise, and put what is broken into the report."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from gpustrap.errors import InstanceFailed
from gpustrap.laptop.paths import places_of
from gpustrap.resolve.service import Services
from gpustrap.run.report import ServiceState
from gpustrap.run.work import Work
from gpustrap.verify.proof import Broken, Subject, Verdict, verify


def prove(project: Path) -> Callable[[Sequence[Work]], None]:
    """Verify the instances that got through, all in one run of pytest."""

    def proved(works: Sequence[Work]) -> None:
        began = time.monotonic()
        verdicts = verify([_subject(work, project) for work in works], project)
        for work in works:
            _report(work, verdicts[work.name])
            work.result.seconds += time.monotonic() - began

    return proved


def _subject(work: Work, project: Path) -> Subject:
    assert work.survey is not None and work.context is not None
    remembered = places_of(project, work.name).checks if work.options.replay else None
    return Subject(work.name, work.session.connector, work.chosen, work.survey, work.context, remembered)


def _report(work: Work, verdict: Verdict) -> None:
    chosen = work.chosen.get("services")
    healthy = verdict.failed is None and not any(one.role == "services" for one in verdict.broken)
    for service in chosen.services if isinstance(chosen, Services) else ():
        work.result.services[service.name] = ServiceState(service.url, service.local_url, healthy)
    if verdict.failed or verdict.broken:
        work.result.failed = verdict.failed or _failure(verdict.broken)
        work.watcher.failed(work.name, work.result.failed)
    else:
        work.says(f"{verdict.passed} {'check' if verdict.passed == 1 else 'checks'} passed")


def _failure(broken: Sequence[Broken]) -> InstanceFailed:
    first, *more = broken
    also = "".join(f"\nalso {one.role} | {one.promise}: {one.error.splitlines()[0]}" for one in more)
    return InstanceFailed(first.error + also, role=first.role, operation=first.promise)
