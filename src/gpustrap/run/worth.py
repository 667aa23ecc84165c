"""`doctor --worth`: the box's parts measured, by two execs: what it has, and how fast it is reached by a mirror."""

from __future__ import annotations

from dataclasses import replace

from gpustrap.engine.facts import measure, worth
from gpustrap.engine.session import Session
from gpustrap.errors import InstanceFailed
from gpustrap.language import tr
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.net.candidates import candidates
from gpustrap.resolve.net.worth import Worth
from gpustrap.resolve.net.worth import worth as judged

ANSWER_SECONDS = 45  # each question of the script takes 5 at most


def weigh(session: Session, survey: Survey) -> list[Worth]:
    """Raises InstanceFailed where the box did not answer."""
    answer = session.connector.wire.run(worth.command(), seconds=ANSWER_SECONDS)
    if not answer.stdout:
        raise InstanceFailed(tr("the probes gave no answer"), operation="doctor")
    parts = worth.read_parts(answer.stdout.decode("utf-8", "replace"))
    return judged(replace(parts, egress=_egress(session, survey)), survey)


def _egress(session: Session, survey: Survey) -> int | None:
    """Bytes a second of the fastest package index, upstream or mirror; None where none gave a file."""
    found = candidates(("pypi",), survey, distro="")
    answer = session.connector.wire.run(measure.command(found), seconds=ANSWER_SECONDS)
    rows = measure.read_rows(answer.stdout.decode("utf-8", "replace"), found)
    return max((row.rate for row in rows), default=0) or None
