"""Looking at instances without changing any: what each is, and how its services do.

What `up` remembers of an instance's facts is left alone, since looking asks only a part of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import gevent

from gpustrap.engine import failures
from gpustrap.engine.failures import KeyRefused
from gpustrap.engine.greenlets import end, hush
from gpustrap.engine.session import Session
from gpustrap.errors import InstanceFailed
from gpustrap.inventory.hosts import find_project, load_hosts, select
from gpustrap.inventory.instance import Instance
from gpustrap.lab.login import running_box
from gpustrap.language import tr
from gpustrap.resolve.box.survey import Survey
from gpustrap.run.access import Asks, first_login
from gpustrap.run.addresses import public_urls
from gpustrap.run.connection import reach
from gpustrap.run.decisions import left_over
from gpustrap.run.service_looks import ServiceLook, look_at_services
from gpustrap.run.work import KILL_SECONDS, failure_of

TELL_SECONDS = 8  # more than a survey takes on a slow link

Says = Callable[[str, str], None]  # an instance's name, and what is so
Also = Callable[[str, Session, Survey], None]  # what else is asked of an instance, by name, once it is surveyed
How = tuple[Asks | None, Says, Also]


@dataclass
class InstanceLook:
    """One instance as it is. Without a survey it could not be reached, and `failed` says why."""

    survey: Survey | None = None
    services: dict[str, ServiceLook] = field(default_factory=dict)
    left_over: list[str] = field(default_factory=list)  # of each service that runs unwanted, in a sentence
    public_urls: dict[int, str] = field(default_factory=dict)  # port on the instance → its address from outside
    failed: InstanceFailed | None = None
    new_host_key: str | None = None  # on first contact
    said: list[str] = field(default_factory=list)  # what was done to log in


def survey_instance(selector: str) -> Survey:
    """All facts of the instance that `selector` names in hosts.yml, or that a pasted ssh command leads to.

    Raises BadInput for an instance that hosts.yml does not know, InstanceFailed for one that cannot be
    reached; a lab target is not made or started.
    """
    project = find_project(Path.cwd())
    chosen = select(load_hosts(project), [selector])
    (seen,) = look(chosen, project, services=False).values()
    if seen.survey is None:
        assert seen.failed is not None
        raise seen.failed
    return seen.survey


def look(
    instances: Sequence[Instance],
    project: Path,
    *,
    services: bool,
    asks: Asks | None = None,
    says: Says = lambda _name, _text: None,
    also: Also = lambda _name, _session, _survey: None,
) -> dict[str, InstanceLook]:
    """Look at every instance, all at the same time. With `services` those are asked too, then `also`.

    `asks` gives the password of one that lets no key in; `says` hears of one that is waited for.
    """
    hush()
    found = {instance.name: InstanceLook() for instance in instances}
    looking = [gevent.spawn(_look, one, project, services, found[one.name], (asks, says, also)) for one in instances]
    try:
        gevent.joinall(looking, raise_error=True)
    finally:
        end(looking, KILL_SECONDS)
    return found


def _look(instance: Instance, project: Path, services: bool, seen: InstanceLook, how: How) -> None:
    asks, says, also = how
    try:
        if instance.lab:
            running_box(instance.name, project)
        reached = reach(instance, project, replay=False, say=lambda _line: None)
        session = Session(instance.name, reached.host_data)
        try:
            known = session.knows_host_key()
            try:
                session.connect()
            except KeyRefused as refused:
                session = first_login(session, instance, refused, asks, seen.said.append)
            seen.new_host_key = None if known else session.host_key
            with _told(instance.name, says):
                seen.survey = session.survey()
            seen.public_urls = dict(public_urls(instance, seen.survey, reached.public_urls))
            seen.left_over = left_over(instance, seen.survey)
            if services and "services" in instance.roles:
                seen.services = look_at_services(session, instance, seen.survey, reached.public_urls)
            also(instance.name, session, seen.survey)
        finally:
            session.close()
    except failures.ENDS:
        raise
    except BaseException as error:
        seen.failed = failure_of(error)


@contextmanager
def _told(name: str, says: Says) -> Iterator[None]:
    """Say where it is waited for what runs inside: a login that begins no command is given up only much later."""
    words = tr("it let us in and has not answered for {seconds} s, waiting", seconds=TELL_SECONDS)
    telling = gevent.spawn_later(TELL_SECONDS, says, name, words)
    try:
        yield
    finally:
        telling.kill(block=False)
