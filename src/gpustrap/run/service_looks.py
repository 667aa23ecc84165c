"""How the services of one instance do, by one exec that changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gpustrap.engine import services
from gpustrap.engine.batch import Answer
from gpustrap.engine.facts.service_times import Ran, ServiceTimes
from gpustrap.engine.facts.service_use import ServiceUse, Use
from gpustrap.engine.facts.tmux import Running, TmuxServices
from gpustrap.engine.session import Session
from gpustrap.errors import InstanceFailed
from gpustrap.inventory.instance import Instance
from gpustrap.inventory.reveal import unread
from gpustrap.inventory.secrets import Secret
from gpustrap.language import mark, tr
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.service import STEADY_SECONDS, Service, Services
from gpustrap.run.addresses import context_of
from gpustrap.run.decisions import Decisions
from gpustrap.run.outside import unreached

# Of a service; `ended`: it was not to be started again, and ended well.
READY, NOT_READY = mark("ready"), mark("not ready")
STATES = (READY, NOT_READY, mark("failed"), mark("ended"), mark("stopped"))


@dataclass(frozen=True)
class ServiceLook:
    """One service that hosts.yml wants. `url` reaches it from outside, `local_url` on the instance."""

    running: bool
    ready: bool
    url: str | None
    local_url: str | None
    trouble: str = ""  # why it is not ready, in words
    log: tuple[str, ...] = ()  # what it last wrote, where it is not ready
    log_hidden: str = ""  # why that is not shown
    unlogged: str = ""  # why its log does not get what it says
    other: bool = False  # it was started with other files than hosts.yml makes now, as after a change that failed
    state: str = "stopped"  # one of STATES
    port: int | None = None
    uptime_seconds: int | None = None  # None while it does not run
    restarts: int = 0  # by itself, since it was last started by a person
    use: Use | None = None  # None while it does not run, or where it is not told


def decided(instance: Instance, survey: Survey, urls: Mapping[int, str]) -> Services:
    """What the role `services` of the instance decides. Raises InstanceFailed."""
    chosen = Decisions(survey, context_of(instance, survey, urls)).of("services")
    assert isinstance(chosen, Services)
    return chosen


def look_at_services(
    session: Session, instance: Instance, survey: Survey, urls: Mapping[int, str]
) -> dict[str, ServiceLook]:
    """How each service that hosts.yml wants does. Raises InstanceFailed."""
    chosen = decided(instance, survey, urls)
    sessions, ran, use = _sessions(session, chosen.services)
    if not any(seen.log for seen in sessions.values()):
        hidden = ""
    else:
        hidden = "; ".join(fault.message for _, fault in unread([instance.settings, instance.sudo_password]))
    looks = {
        service.name: _look_of(service, sessions.get(service.name), ran.get(service.name), hidden)
        for service in chosen.services
    }
    looks = {name: replace(look, use=use.get(name)) if look.running else look for name, look in looks.items()}
    return _from_here(instance.name, chosen.services, looks)


def _from_here(instance: str, wanted: Sequence[Service], looks: Mapping[str, ServiceLook]) -> dict[str, ServiceLook]:
    """The same, where one that is ready on the instance and does not answer here, where it is sure to, is not ready."""
    asked = {(instance, one.name): one for one in wanted if one.sure and looks[one.name].state == READY}
    away = {name: why for (_, name), why in unreached(asked).items()}
    return {
        name: replace(look, ready=False, state=NOT_READY, trouble=away[name]) if name in away else look
        for name, look in looks.items()
    }


def _look_of(service: Service, seen: Running | None, ran: Ran | None, hidden: str) -> ServiceLook:
    """`hidden`: why nothing of a log is shown; a secret that cannot be read cannot be masked in it either."""
    if seen is None:
        return ServiceLook(False, False, service.url, service.local_url, port=service.port)
    return ServiceLook(
        running=not (seen.refused or seen.ended),
        ready=seen.ready,
        url=service.url,
        local_url=service.local_url,
        trouble=seen.trouble or (tr("it is held by a signal (SIGSTOP)") if seen.stopped else ""),
        log=() if hidden else seen.log,
        unlogged=seen.unlogged,
        other=is_other(service, seen),
        log_hidden=hidden if seen.log else "",
        state=state_of(seen),
        port=service.port,
        uptime_seconds=ran.seconds if ran and not seen.ended else None,
        restarts=ran.restarts if ran else 0,
    )


def is_other(service: Service, seen: Running) -> bool:
    """Whether it runs with other files than hosts.yml makes. With a secret among them nobody says: that is not read."""
    if not seen.identity or any(isinstance(value, Secret) for value in service.env.values()):
        return False
    return seen.identity != services.identity_of(service)


def state_of(seen: Running) -> str:
    """One of `STATES`."""
    if seen.ready:
        return "ended" if seen.ended else READY
    return "failed" if seen.ended or seen.refused else NOT_READY


def _sessions(session: Session, wanted: Sequence[Service]) -> tuple[dict[str, Running], dict[str, Ran], dict[str, Use]]:
    """What runs, since when and on what, by one exec. Raises InstanceFailed where the instance gives no answer."""
    fact, times, uses = TmuxServices(), ServiceTimes(), ServiceUse()
    looks, tells = fact.command(services.probes(wanted), steady=STEADY_SECONDS), times.command()
    counts = uses.command(service.name for service in wanted)
    answers = session.connector.ask((looks, tells, counts))
    if (seen := answers.get(looks)) is None:
        raise InstanceFailed(tr("the services gave no answer in time"), role="services")
    used = uses.process(_lines(answers.get(counts)))
    return fact.process(_lines(seen)), times.process(_lines(answers.get(tells))), used


def _lines(answer: Answer | None) -> list[str]:
    return answer.stdout.decode("utf-8", "replace").splitlines() if answer else []
