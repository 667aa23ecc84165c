"""`revert`: connect, look what gpustrap has left there, confirm, give it back, and look again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from gpustrap.engine import give_back
from gpustrap.engine.facts.traces import Trace
from gpustrap.errors import InstanceFailed
from gpustrap.inventory.instance import Instance
from gpustrap.language import tr
from gpustrap.run import steps
from gpustrap.run.owner import check_owner
from gpustrap.run.question import Question
from gpustrap.run.report import Result
from gpustrap.run.stays import is_left, stays, unknown
from gpustrap.run.watcher import Watcher
from gpustrap.run.work import Options, Work, on_all

Found = Mapping[str, tuple[Trace, ...]]


def revert(
    instances: Sequence[Instance], project: Path, options: Options, watcher: Watcher, *, plans: bool = False
) -> dict[str, Result]:
    """Take back what gpustrap did on every instance, or what some roles did. With `plans` that is only shown."""
    question = Question(len(instances), options)

    def one(work: Work) -> None:
        steps.connect(work)
        steps.survey(work)
        check_owner(work, project, "revert")
        found = _found(work, project)
        work.session.line_up(found, give_back.tasks_of)
        if plans:
            steps.show_pending(work)
        elif question.agreed(work):
            _give_back(work, project)
        else:
            work.result.declined, work.result.notes = True, []

    return on_all(instances, project, options, watcher, one, left=question.is_not_waited_for)


def _found(work: Work, project: Path) -> Found:
    """What is to be given back. What stays is a note of the report, and is said before a person is asked."""
    traces, only = work.session.traces(), work.options.roles
    found = give_back.of_roles(traces, work.instance.roles, only)
    given_back = (one for its in found.values() for one in its)
    roles = [role for role in work.instance.roles if only is None or role in only]
    was_set_up = work.survey is not None and work.survey.owner is not None
    work.result.notes = [*stays(traces, given_back, only), *unknown(project, roles if was_set_up else ())]
    for note in work.result.notes if work.options.confirm else ():
        work.says(note)
    for role in only or ():
        if not found[role] and not any(one.role == role for one in traces.stay):
            work.says(tr("{role}: nothing of it is here", role=role))
    return found


def _give_back(work: Work, project: Path) -> None:
    if not any(map(partial(steps.changes_or_fails, work), work.session.operations)):
        work.result.unchanged = len(work.session.operations)
        return
    steps.change(work, project)
    if not work.result.changed:
        return
    found = give_back.of_roles(work.session.traces(), work.instance.roles, work.options.roles)
    remains = [one.path for its in found.values() for one in its if not is_left(one)]
    if remains:
        raise InstanceFailed(tr("{path} is still there", path=remains[0]), operation="revert")
