"""`plan`: connect, survey, decide, and show what `up` would change."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gpustrap.errors import NotRunning
from gpustrap.inventory.instance import Instance
from gpustrap.language import tr
from gpustrap.run import steps
from gpustrap.run.measure import measure
from gpustrap.run.owner import other_owner
from gpustrap.run.report import Change, Result
from gpustrap.run.watcher import Watcher
from gpustrap.run.work import Options, Work, on_all


def plan(instances: Sequence[Instance], project: Path, options: Options, watcher: Watcher) -> dict[str, Result]:
    """What `up` would change, on every instance. Changes nothing."""

    def one(work: Work) -> None:
        steps.connect(work)
        steps.survey(work)
        if other := other_owner(work, project):
            work.says(tr("{other}: `up` asks before it takes it over", other=other))
        measure(work, keep=False)
        steps.decide(work)
        steps.line_up(work)
        steps.show_pending(work)

    def absent(instance: Instance, result: Result, missing: NotRunning) -> None:
        """`up` would make or start this lab target; what it would change there is known once it runs."""
        kind = " ".join(word for word in (instance.lab, instance.flavour) if word)
        made = Change("lab", f"{kind} {missing.first_step}")
        watcher.says(
            instance.name, tr("{error}; what the roles would change is known once it runs", error=missing.error)
        )
        watcher.planned(instance.name, [made])
        result.changed.append(made)

    return on_all(instances, project, options, watcher, one, absent=absent)
