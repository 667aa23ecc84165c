"""Where the network breaks, asked of the box when a step of `up` fails for it: the doctor's words beside the tool's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from gpustrap.errors import InstanceFailed, is_the_laptops
from gpustrap.language import tr
from gpustrap.run.work import Work

if TYPE_CHECKING:
    from gpustrap.resolve.net.judge import Verdict

# How apt, curl, git, pip, uv and Hugging Face's client speak of a network.
OF_NETWORK = re.compile(
    r"(?i)timed? ?out|connection (refused|reset|failed|closed)|could not (resolve|connect)|unable to (connect|access)"
    r"|failed to (fetch|download|connect)|temporary failure|error sending request|dns|certificate|\b(tls|ssl)\b"
    r"|http (status|error)|cannot be reached|cannot resolve|unreachable|no route|hash sum|did not answer"
    r"|\bproxy\b|\b(403|429|50[234])\b"
)
# What a role's steps ask; those of others are not to blame.
ASKS = {
    "base": ("apt",),
    "python": ("pip", "python-build"),
    "torch": ("torch", "pip", "python-build"),
    "hub": ("hf", "hf-files", "pip"),
    "project": ("pip", "github", "python-build"),
}
MOST = 3


@contextmanager
def with_its_cause(work: Work) -> Iterator[None]:
    """A failure inside that speaks of the network is raised with what breaks there now, a line each."""
    try:
        yield
    except InstanceFailed as failed:
        of_the_box = work.session.connector.connected and not is_the_laptops(failed)
        if not of_the_box or not OF_NETWORK.search(failed.error):
            raise
        found: Sequence[Verdict] = ()
        with suppress(InstanceFailed):
            found = _broken(work, failed.role)
        raise _told(failed, found) from failed


def _broken(work: Work, role: str | None) -> Sequence[Verdict]:
    from gpustrap.run.doctor import verdicts_of  # what few runs need is not imported for all

    assert work.survey is not None
    work.says(tr("asking where the network breaks, some seconds"))
    found = verdicts_of(work.session, work.survey, work.instance.region)
    return [one for one in found if _counts(one, role)][:MOST]


def _counts(one: Verdict, role: str | None) -> bool:
    if one.subject == "box":
        return one.state == "blocked"
    return one.state != "works" and (role not in ASKS or one.subject.partition(".")[0] in ASKS[role])


def _told(failed: InstanceFailed, found: Sequence[Verdict]) -> InstanceFailed:
    lines = [f"{one.title}: {f'{one.host}: ' if one.host else ''}{one.sentence}" for one in found]
    mend = next((one.mend for one in found if one.mend), None)
    error = "\n".join([failed.error, *lines])
    return InstanceFailed(error, role=failed.role, operation=failed.operation, hint=mend or failed.hint)
