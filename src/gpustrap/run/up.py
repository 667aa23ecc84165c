"""`up`: connect, survey, decide, confirm, change, prove."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gpustrap.inventory.instance import Instance
from gpustrap.run import steps
from gpustrap.run.ending import ending
from gpustrap.run.lent import network_lent
from gpustrap.run.measure import measure, measured_again_if_it_fails
from gpustrap.run.network_why import with_its_cause
from gpustrap.run.owner import check_owner
from gpustrap.run.proof import prove
from gpustrap.run.question import Question
from gpustrap.run.report import Result
from gpustrap.run.services import await_services
from gpustrap.run.stash import stash
from gpustrap.run.watcher import Watcher
from gpustrap.run.work import Options, Work, on_all


def up(instances: Sequence[Instance], project: Path, options: Options, watcher: Watcher) -> dict[str, Result]:
    """Make every instance as hosts.yml describes it, and prove it. One that fails leaves the others to finish."""
    question = Question(len(instances), options)
    proved = prove(project)

    def one(work: Work) -> None:
        steps.connect(work)
        steps.survey(work)
        check_owner(work, project)
        measure(work, keep=True)
        stash(work)
        steps.decide(work)
        steps.line_up(work)
        if question.agreed(work):
            with network_lent(work), measured_again_if_it_fails(work), with_its_cause(work):
                steps.change(work, project)
            await_services(work)
        else:
            work.result.declined = True

    def then(works: Sequence[Work]) -> None:
        proved(works)
        for work in works:
            work.result.notes = ending(work) if work.result.changed else []

    return on_all(instances, project, options, watcher, one, then, question.is_not_waited_for, makes=True, proves=True)
