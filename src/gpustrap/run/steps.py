"""The steps that `up`, `plan` and `verify` take with one instance, each named for its effect."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

import gevent

from gpustrap.engine import questions
from gpustrap.engine.advance import Proof
from gpustrap.engine.failures import GatewayBusy, HostKeyChanged, KeyRefused
from gpustrap.engine.session import Operation
from gpustrap.errors import InstanceFailed
from gpustrap.language import mark, tr
from gpustrap.laptop.paths import places_of
from gpustrap.resolve.box.configuration import endings
from gpustrap.resolve.download import Fetch, fetch_of
from gpustrap.resolve.net.measured import read
from gpustrap.run.access import first_login
from gpustrap.run.addresses import context_of
from gpustrap.run.decisions import Decisions, left_over, reasons_of, set_before
from gpustrap.run.lock import lock
from gpustrap.run.owner import other_owner
from gpustrap.run.report import Change
from gpustrap.run.services import service_of
from gpustrap.run.work import Work
from gpustrap.run.workplaces import workplaces

# How long to leave a busy gateway alone, before each further try; together as long as they are known to refuse.
PAUSES_SECONDS = (5, 25, 60)
FIRST_KEY = mark("first contact, its host key {host_key} is kept")
NEW_KEY = mark("its new host key {host_key} is kept")
SERVICES_READ = "/etc/profile.d/gpustrap-"  # how the files begin whose variables every service has


def connect(work: Work) -> None:
    """Open the connection. A changed host key is asked about, a busy gateway is given time."""
    work.says(tr("connecting"))
    told = None if work.session.knows_host_key() else FIRST_KEY
    try:
        _log_in(work)
    except HostKeyChanged as changed:
        if not _accepts_key(work, changed):
            raise
        work.session.forget_host_key()
        told = NEW_KEY
        _log_in(work)
    if told:
        work.says(tr(told, host_key=work.session.host_key))
    work.session.connector.on_line = lambda line: work.watcher.prints(work.name, line)


def _log_in(work: Work) -> None:
    """Connect by key; where none is let in, by the password that a person gives."""
    try:
        _connect_patiently(work)
    except KeyRefused as refused:
        with work.options.patience.counted():
            work.session = first_login(work.session, work.instance, refused, work.options.asks, work.says)


def _accepts_key(work: Work, changed: HostKeyChanged) -> bool:
    accepts = work.options.accepts_key
    if work.options.accept_new_key or accepts is None:
        return work.options.accept_new_key
    with work.options.patience.counted():
        return accepts(work.name, changed.error)


def _connect_patiently(work: Work) -> None:
    """Connect; where the gateway is busy, wait and try again, each time longer."""
    for pause in PAUSES_SECONDS:
        try:
            work.session.connect()
            return
        except GatewayBusy:
            work.says(tr("its ssh gateway is busy, the next try is in {pause} s", pause=pause))
            gevent.sleep(pause)
    work.session.connect()


def survey(work: Work) -> None:
    """Read all facts of the instance, in one exec. Raises InstanceFailed for one on which nothing can be changed."""
    work.survey = work.session.survey(workplaces(work.instance))
    if work.survey.lacks:
        raise InstanceFailed(
            tr("it has no {lacks}, which gpustrap's commands need", lacks=", ".join(work.survey.lacks)),
            operation="survey",
            hint=tr("install it there first; Debian's packages are coreutils, tar, gzip, grep, sed and mawk"),
        )
    if work.survey.sh:
        raise InstanceFailed(
            tr("its /bin/sh is {sh}, which does not read gpustrap's commands as a sh does", sh=work.survey.sh),
            operation="survey",
            hint=tr("`ln -sfn dash /bin/sh` there, as Debian and Ubuntu have it"),
        )
    for program in work.survey.hangs:
        work.says(
            tr("{program} gives no answer on this instance within 10 s: what runs on it will not work", program=program)
        )
    for sentence in endings(work.survey.configuration):
        work.says(sentence)
    if not work.survey.root:
        raise _not_root(work.survey.user, work.survey.sudo)


def _not_root(user: str, sudo: str) -> InstanceFailed:
    """`sudo` is what it says to this user, or "none"."""
    if sudo == "none":
        why, hint = tr("there is no sudo"), tr("log in as root, or install sudo there and allow it to this user")
    elif not sudo or "password" in sudo:
        why, hint = (
            tr("sudo wants a password from him"),
            tr("sudo_password: {env: NAME} in hosts.yml says where it is, or log in as root"),
        )
    else:
        why, hint = (
            tr("sudo says: {sudo}", sudo=sudo),
            tr("`sudo -l` on the instance shows what is allowed; or log in as root"),
        )
    return InstanceFailed(
        tr("the user '{user}' is not root, and {why}", user=user, why=why), operation="survey", hint=hint
    )


def decide(work: Work) -> None:
    """Decide every role of the instance, also those that this run leaves out: others may read them."""
    assert work.survey is not None
    instance = work.instance
    context = context_of(instance, work.survey, work.public_urls)
    decisions = Decisions(work.survey, context)
    wanted = [role for role in instance.roles if work.options.roles is None or role in work.options.roles]
    work.chosen = {role: decisions.of(role) for role in wanted}
    work.context = decisions.context
    work.result.reasons = {role: list(reasons_of(chosen)) for role, chosen in work.chosen.items()}
    work.watcher.decided(work.name, work.result.reasons)
    for role in work.options.roles or ():
        if role not in instance.roles:
            work.says(tr("{role}: not among the roles of this instance", role=role))
    for sentence in (*left_over(instance, work.survey), *set_before(instance, work.survey)):
        work.says(sentence)


def line_up(work: Work) -> None:
    """Turn the decisions into operations. Changes nothing."""
    work.session.line_up(work.chosen)


def pending(work: Work) -> list[Change]:
    """What the operations would change, each with its details: also what only follows from a change before it."""
    found: list[Change] = []
    for operation in work.session.operations:
        details = _would_change(work, operation)
        if details is None and (why := work.session.restart(operation)) and _changes_environment(found):
            details = (why,)
        if details is not None:
            found.append(Change(operation.role, operation.name, details, _fetches(work, operation)))
    return found


def _changes_environment(changes: Iterable[Change]) -> bool:
    """Whether one writes or takes away a file that services read as they start: those that run start again then."""
    return any(line.startswith(SERVICES_READ) for one in changes for line in one.details)


def _fetches(work: Work, operation: Operation) -> tuple[Fetch, ...]:
    """What the operation downloads, with the rates that are remembered on this instance."""
    measured = read(work.survey.measured) if work.survey else None
    return tuple(fetch_of(download, measured) for download in work.session.downloads(operation))


def _would_change(work: Work, operation: Operation) -> tuple[str, ...] | None:
    """What it would change, in words; None for nothing. What one service cannot get keeps no other from its own."""
    try:
        return work.session.details(operation) if work.session.would_change(operation) else None
    except InstanceFailed as failure:
        if not service_of(operation) or not work.session.connector.connected:
            raise
        return (failure.error,)


def show_pending(work: Work) -> None:
    """Show what the operations would change, and make it the result. Changes nothing."""
    work.result.changed.extend(changes := pending(work))
    work.watcher.planned(work.name, changes)
    work.result.unchanged = len(work.session.operations) - len(work.result.changed)


def changes_or_fails(work: Work, operation: Operation) -> bool:
    """Where it cannot even be looked at, that is said when it is its turn."""
    try:
        return _would_change(work, operation) is not None
    except InstanceFailed:
        return True


def change(work: Work, project: Path) -> None:
    """Run every operation and note what each changed; meanwhile nobody else changes this instance."""
    session = work.session
    # One that is taken over gets our name by the lock, also where nothing else is to be changed.
    locks = (
        other_owner(work, project)
        or not session.connector.replays
        or any(changes_or_fails(work, operation) for operation in session.operations)
    )

    def ended(operation: Operation, changed: bool) -> None:
        if changed:
            made = Change(operation.role, operation.name, work.session.details(operation))
            work.result.changed.append(made)
            work.watcher.changed(work.name, made)
        else:
            work.result.unchanged += 1

    opening = lock(work, project) if locks else None
    failed = session.execute(partial(work.watcher.starts, work.name), ended, opening, service_of, _proof(work, project))
    work.unready = {service: failure.error for service, failure in failed.items()}


def _proof(work: Work, project: Path) -> Proof:
    """The last verification's commands, for the request of the last change.

    Not while services are waited for, nor while the box has a network that it will not have afterwards.
    """
    session = work.session
    asked = session.connector.replays and not work.loan
    checks = questions.recall(places_of(project, work.name).checks) if asked else ()
    return Proof(checks, {one.hash for one in session.operations if one.role == "services"})
