"""The versions of a service that an instance keeps, so that it goes back to the one that was ready."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gpustrap.engine.facts.files import STATE_DIR
from gpustrap.engine.facts.service_troubles import read_trouble
from gpustrap.engine.facts.tmux import LOGS, SERVICES, UNITS, Running, TmuxServices, look_script
from gpustrap.engine.scripts import script
from gpustrap.engine.services import files_of, identity, probe
from gpustrap.resolve.gateway import CONFIGURATION, LOADED, RUN
from gpustrap.resolve.service import STEADY_SECONDS, Service

GIVEN_SECONDS, GIVEN_MOST = 60, 3600  # what an older version has to get ready: in any case, and where it is asked for
DRAIN_SECONDS = 31  # gateway-lead.sh gives the requests that are under way 30 s


@dataclass(frozen=True)
class Again:
    """The version that was ready was started again, in the place of one that did not get so.

    `gap_seconds`: for how long nobody answered; None where that is not known or goes on. `evidence`: the folder on the
    instance with the files and the log of the one that failed. `trouble`: why the older one is not ready either.
    """

    gap_seconds: float | None
    evidence: str
    trouble: str = ""


@dataclass(frozen=True)
class Settled:
    """How services are once they have been waited for. `gaps`: for how many seconds nobody answered until then."""

    sessions: Mapping[str, Running] = field(default_factory=dict)
    gaps: Mapping[str, float] = field(default_factory=dict)
    again: Mapping[str, Again] = field(default_factory=dict)
    moved: tuple[str, ...] = ()  # took over from one that answered until then


def moving(service: Service) -> int:
    """For how many seconds it may take over, once it is ready beside the other: two reloads and one more start."""
    return 2 * DRAIN_SECONDS + service.patience if service.beside else 0


def settling(
    wanted: Sequence[Service], folder: str = SERVICES, logs: str = LOGS, units: str = UNITS, whole: bool = False
) -> str:
    """The script that waits for all of them together, keeps each that is ready, and goes back where one is not.

    `whole`: they are all that there are, and have been started since the instance was.
    """
    asks = "".join(probe(one).asks(STEADY_SECONDS, one.patience, "await") for one in wanted)
    return (
        _versions(folder, logs, units, GIVEN_SECONDS)
        + asks
        + "rest\n"
        + "".join(map(_settles, wanted))
        + ("booted\n" if whole else "")
    )


def rollback(
    service: Service, taken: Sequence[int] = (), folder: str = SERVICES, logs: str = LOGS, units: str = UNITS
) -> str:
    """The script that goes back to the version before the one that was last ready. It prints `none` without one.

    `taken`: the ports of all services, where the gateway can lead to one that starts beside the one that answers.
    """
    ports = " ".join(map(str, taken))
    start = script("service-beside", service=service.name, identity="", taken=ports)
    behind = f"behind {service.name}\n" if service.behind else ""
    return _versions(folder, logs, units, GIVEN_MOST) + start + behind + script("service-rollback")


def settling_seconds(wanted: Sequence[Service]) -> int:
    """How long that script may take: all are waited for at once, what takes over or goes back does so one by one."""
    times = [one.patience for one in wanted]
    return max(times) + sum(max(one, GIVEN_SECONDS) for one in times) + sum(map(moving, wanted))


def _versions(folder: str, logs: str, units: str, given: int) -> str:
    versions = script("service-begin", units=units) + script("service-versions", state=STATE_DIR, given=given)
    front = script("gateway-common", pids=RUN) + script("gateway-lead", configuration=CONFIGURATION, loaded=LOADED)
    return look_script(folder, logs) + versions + front


def _settles(service: Service) -> str:
    """The line that settles it. A job that is to run once is not run again in an older version."""
    files = files_of(service)
    names = [file.dest.removeprefix(f"{service.directory}/") for file in files]
    restores = "" if service.restart == "never" else "yes"
    words = [identity(files, service.code), str(service.port or ""), service.health or "", str(service.patience)]
    return f"settle {shlex.join([service.name, *words, restores, *names])}\n"


def read_settled(output: Sequence[str]) -> Settled:
    """What the script printed."""
    rows = [line.split(" ") for line in output]
    gaps = {row[1]: seconds for row in rows if row[0] == "gap" and (seconds := _seconds(row[2:])) is not None}
    again = {
        row[1]: Again(_seconds(row[2:]), row[3], read_trouble(row[4:]))
        for row in rows
        if row[0] == "again" and len(row) > 3
    }
    moved = tuple(row[1] for row in rows if row[0] == "moved" and len(row) > 1)
    return Settled(TmuxServices().process(list(output)), gaps, again, moved)


def _seconds(words: Sequence[str]) -> float | None:
    try:
        return float(words[0])
    except (LookupError, ValueError):
        return None
