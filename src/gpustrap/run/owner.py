"""Whose instance it is: the project and the name under which it was set up."""

from __future__ import annotations

from pathlib import Path

from gpustrap.errors import InstanceFailed
from gpustrap.language import tr
from gpustrap.run.work import Work


def owner_of(work: Work, project: Path) -> str:
    """What the instance carries: `PROJECT/INSTANCE`. A person and his CI have the same project folder's name."""
    return f"{project.resolve().name}/{work.name}"


def check_owner(work: Work, project: Path, verb: str = "up") -> None:
    """Let another project's or instance's box be, unless the person says that it shall be taken over, by `verb`.

    Raises InstanceFailed where nobody can be asked, or the person says no.
    """
    other, ask = other_owner(work, project), work.options.takes_over
    if other is None or work.options.take_over:
        return
    with work.options.patience.counted():
        if ask is not None and ask(work.name, other):
            return
    raise InstanceFailed(
        tr("{other}: its files and services would be replaced", other=other),
        operation="owner",
        hint=tr("if that is meant: `gpustrap {verb} {typed} --take-over`", verb=verb, typed=work.instance.typed),
    )


def other_owner(work: Work, project: Path) -> str | None:
    """`it is set up as 'other/trainer', not as 'mine/trainer'`; None where it is ours or nobody's."""
    assert work.survey is not None
    there, ours = work.survey.owner, owner_of(work, project)
    return None if there in (None, ours) else tr("it is set up as '{there}', not as '{ours}'", there=there, ours=ours)
