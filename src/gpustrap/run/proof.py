"""The last step of `up` and `verify`: prove what the roles promise, and put what is broken into the report."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gpustrap.errors import InstanceFailed
from gpustrap.inventory.masking import masked
from gpustrap.language import mark, tr
from gpustrap.laptop.paths import places_of
from gpustrap.resolve.service import Service, Services
from gpustrap.run.connection import is_proved, note_proved
from gpustrap.run.outside import unreached
from gpustrap.run.report import ServiceState
from gpustrap.run.services import PROMISE
from gpustrap.run.work import Work
from gpustrap.verify.verdict import Broken, Subject, Verdict

OUTSIDE = mark("answers from outside")


def prove(project: Path, *, others: bool = False) -> Callable[[Sequence[Work]], None]:
    """Verify the instances that got through, all in one run of pytest. What others do there fails with `others`, and is
    said without."""

    def proved(works: Sequence[Work]) -> None:
        from gpustrap.verify.proof import verify

        began = time.monotonic()
        subjects = {work.name: _subject(work, project) for work in works}
        verdicts = verify([*subjects.values()], project)
        for work in () if others else works:
            _say_of_others(work, verdicts[work.name])
        ready = {
            (work.name, one.name): one
            for work in works
            for one in _services(work)
            if one.name not in work.unready and not _breaks(one.name, verdicts[work.name])
        }
        away = unreached(ready)
        for work in works:
            _report(work, verdicts[work.name], {name: why for (box, name), why in away.items() if box == work.name})
            if work.options.replay and not subjects[work.name].same and not work.result.failed:
                note_proved(work.instance, places_of(project, work.name))
            work.result.seconds += time.monotonic() - began

    return proved


def _say_of_others(work: Work, verdict: Verdict) -> None:
    for one in (one for one in verdict.broken if one.by_others):
        work.says(tr("{promise}: {error}; `gpustrap verify` fails for it", promise=one.promise, error=one.error))
    verdict.broken = [one for one in verdict.broken if not one.by_others]


def _subject(work: Work, project: Path) -> Subject:
    assert work.survey is not None and work.context is not None
    places = places_of(project, work.name)
    remembered = places.checks if work.options.replay else None
    same = is_proved(work.instance, places)
    return Subject(
        work.name, work.session.connector, work.chosen, work.survey, work.context, remembered, same, work.says
    )


def _services(work: Work) -> tuple[Service, ...]:
    chosen = work.chosen.get("services")
    return chosen.services if isinstance(chosen, Services) else ()


def _report(work: Work, verdict: Verdict, away: Mapping[str, str]) -> None:
    """`away`: service → why it does not answer from outside; where it was not sure to, that is said and no failure."""
    sure = {service.name: service.sure for service in _services(work)}
    for why in (why for name, why in away.items() if not sure[name]):
        work.says(why)
    away = {name: why for name, why in away.items() if sure[name]}
    for service in _services(work):
        healthy = service.name not in {*work.unready, *away} and not _breaks(service.name, verdict)
        work.result.services[service.name] = ServiceState(service.url, service.local_url, healthy)
    broken = [*_unready(work), *(one for one in verdict.broken if not _is_said(one, work))]
    for check in verdict.held:  # shown with -v
        work.watcher.prints(work.name, tr("{check}: holds", check=check))
    for role in verdict.empty:
        work.says(tr("roles/{role}/verify.py has no function test_…: it promises nothing", role=role))
    broken += [Broken("services", f"{name}: {tr(OUTSIDE)}", why, (name,)) for name, why in away.items()]
    work.result.passed, work.result.broken = verdict.passed, len(broken)
    if verdict.failed or broken:
        work.result.failed = verdict.failed or _failure(broken)
        work.watcher.failed(work.name, work.result.failed)
    else:
        work.says(tr("1 check passed") if verdict.passed == 1 else tr("{count} checks passed", count=verdict.passed))
    for one in verdict.skipped:
        work.says(tr("skipped: {role} | {promise}: {why}", role=one.role, promise=one.promise, why=one.why))


def _breaks(service: str, verdict: Verdict) -> bool:
    """Whether a promise about the service does not hold; one that names no part may be about any."""
    broken = [one for one in verdict.broken if one.role == "services" and not one.by_others]
    return verdict.failed is not None or any(not one.parts or service in one.parts for one in broken)


def _unready(work: Work) -> list[Broken]:
    """What was found while the services were waited for."""
    return [Broken("services", f"{name}: {tr(PROMISE)}", masked(why), (name,)) for name, why in work.unready.items()]


def _is_said(broken: Broken, work: Work) -> bool:
    """Whether it is only about services of which the cause is known already."""
    return broken.role == "services" and bool(broken.parts) and set(broken.parts) <= set(work.unready)


def _failure(broken: Sequence[Broken]) -> InstanceFailed:
    """The first one, and below it the others: a service with the end of its log, else the first line."""
    first, *more = broken
    word = tr("also")
    also = "".join(f"\n{word} {one.role} | {one.promise}: {_told(one)}" for one in more)
    return InstanceFailed(first.error + also, role=first.role, operation=first.promise)


def _told(broken: Broken) -> str:
    return broken.error if broken.parts else broken.error.splitlines()[0]
