"""`doctor`: what of the network works on each instance, and where it breaks. One exec besides the survey."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gpustrap.catalog.providers import load_providers
from gpustrap.engine.facts import doctor as fact
from gpustrap.engine.session import Session
from gpustrap.errors import InstanceFailed
from gpustrap.inventory.instance import Instance
from gpustrap.language import tr
from gpustrap.resolve.box.region import choose_region
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.net.judge import Verdict, verdicts
from gpustrap.resolve.net.mends import Place
from gpustrap.resolve.net.worth import Worth
from gpustrap.run.access import Asks
from gpustrap.run.look import Says, look
from gpustrap.run.own_side import own_side
from gpustrap.run.worth import weigh

ANSWER_SECONDS = 30  # the probes take 8 at most, names before them 4 more; a far link takes its own


@dataclass
class Diagnosis:
    """One instance's verdicts, and what it is worth where that was asked; `failed` where it could not be asked."""

    verdicts: list[Verdict] = field(default_factory=list)
    worth: list[Worth] = field(default_factory=list)
    failed: InstanceFailed | None = None

    @property
    def ok(self) -> bool:
        return self.failed is None and all(one.state != "blocked" for one in self.verdicts)


def diagnose(
    instances: Sequence[Instance], project: Path, asks: Asks | None, says: Says, *, worth: bool = False
) -> Mapping[str, Diagnosis]:
    """Ask every instance, all at the same time. Nothing on them is changed; `worth` writes a file that goes again."""
    found = {instance.name: Diagnosis(own_side(instance)) for instance in instances}
    regions = {instance.name: instance.region for instance in instances}

    def also(name: str, session: Session, survey: Survey) -> None:
        found[name].verdicts += verdicts_of(session, survey, regions[name])
        if worth:
            found[name].worth = weigh(session, survey)

    for name, seen in look(instances, project, services=False, asks=asks, says=says, also=also).items():
        found[name].failed = seen.failed
    return found


def verdicts_of(session: Session, survey: Survey, region: str) -> list[Verdict]:
    """What the box says of itself and of each service, by one exec. Raises InstanceFailed for no answer."""
    answer = session.connector.wire.run(fact.command(), seconds=ANSWER_SECONDS)
    seen = fact.read_seen(answer.stdout.decode("utf-8", "replace"), time.time())
    if not seen.asker and not seen.no_room:
        raise InstanceFailed(tr("the probes gave no answer"), operation="doctor")
    provider = next((row for row in load_providers() if row.name == survey.provider), None)
    return verdicts(seen, Place(choose_region(region, survey).name, survey.os_id, provider))
