"""`explain`: connect, survey, decide, and say what was decided and why."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gpustrap.inventory.instance import Instance
from gpustrap.run import steps
from gpustrap.run.decisions import who_decides
from gpustrap.run.measure import measure
from gpustrap.run.report import Result
from gpustrap.run.watcher import Watcher
from gpustrap.run.work import Options, Work, on_all


def explain(instances: Sequence[Instance], project: Path, options: Options, watcher: Watcher) -> dict[str, Result]:
    """The reasons of every decision, on every instance. Asks for the survey and nothing else."""

    def one(work: Work) -> None:
        steps.connect(work)
        steps.survey(work)
        measure(work, keep=False)
        steps.decide(work)
        work.result.reasons = {
            role: reasons or list(who_decides(role)) for role, reasons in work.result.reasons.items()
        }

    return on_all(instances, project, options, watcher, one)
