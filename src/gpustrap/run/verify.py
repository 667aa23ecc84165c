"""`verify`: connect, survey, decide, and prove what the roles promise."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gpustrap.inventory.instance import Instance
from gpustrap.run import steps
from gpustrap.run.proof import prove
from gpustrap.run.report import Result
from gpustrap.run.watcher import Watcher
from gpustrap.run.work import Options, Work, on_all


def verify(instances: Sequence[Instance], project: Path, options: Options, watcher: Watcher) -> dict[str, Result]:
    """Prove what the roles promise, on every instance. Changes nothing."""

    def one(work: Work) -> None:
        steps.connect(work)
        steps.survey(work)
        steps.decide(work)

    return on_all(instances, project, options, watcher, one, then=prove(project, others=True), proves=True)
