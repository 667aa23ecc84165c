"""What the role `services` promises, asked and judged as `up` does: sessions, files, ports for others, answers."""

from typing import Any

import pytest

from gpustrap.engine.boot import boot_files
from gpustrap.engine.facts.files import FileState, FileStates
from gpustrap.engine.facts.listening import ListeningFact
from gpustrap.engine.facts.tmux import Running, TmuxServices
from gpustrap.engine.operations.files import ManagedFile, difference
from gpustrap.engine.operations.tmux import NOT_READY, reason_to_start
from gpustrap.engine.services import files_of, identity_of, probes
from gpustrap.errors import InstanceFailed, PartsBroken, Strangers, Unlogged
from gpustrap.language import tr
from gpustrap.resolve.box.listeners import strangers
from gpustrap.resolve.service import STEADY_SECONDS


def sessions(host: Any, chosen: Any) -> dict[str, Running]:
    """All tests ask the same, each once, so that the instance is asked once. Where tmux cannot be asked none holds."""
    command = TmuxServices().command(probes(chosen.services), steady=STEADY_SECONDS)
    try:
        return TmuxServices().process(host.run(command).stdout.splitlines())
    except InstanceFailed as untold:
        raise AssertionError(untold.error) from untold


def reasons(seen: dict[str, Running], chosen: Any) -> dict[str, str]:
    """Service → why `up` would start it or wait for it; those that are as wanted are not in it."""
    whys = {
        each.name: reason_to_start(seen.get(each.name), identity_of(each), each.restart) for each in chosen.services
    }
    return {name: why for name, why in whys.items() if why is not None}


def wrong_with(file: ManagedFile, state: FileState | None) -> str | None:
    """As `up` says what it would do, but for a file that is not there: nothing is created by a check."""
    missing = state is None or state.kind == "absent"
    return tr("missing") if missing else difference(file, state)


def check(seen: dict[str, Running], wrong: dict[str, str]) -> None:
    """Fail for those that are not as wanted, each with the end of its log."""
    if wrong:
        logs = {name: one.log for name, one in seen.items()}
        raise PartsBroken({name: f"{name}: {why}" for name, why in wrong.items()}, logs)


def test_each_service_has_its_session_and_no_other_is_there(host, chosen):
    seen = {name for name, one in sessions(host, chosen).items() if not one.refused}
    wanted = {service.name for service in chosen.services}
    wrong = {name: tr("{name} has no session", name=name) for name in sorted(wanted - seen)}
    wrong |= {name: tr("{name} runs and is no service of this instance", name=name) for name in sorted(seen - wanted)}
    if wrong:
        raise PartsBroken(wrong)


def test_each_session_runs_what_up_would_start(host, chosen):
    whys = reasons(seen := sessions(host, chosen), chosen)
    check(seen, {name: why for name, why in whys.items() if not why.startswith(tr(NOT_READY))})


def test_each_service_is_ready_for_others(host, chosen):
    """Its port listens on a public address and its health path answers; without a port it keeps running."""
    seen = sessions(host, chosen)
    whys = reasons(seen, chosen)
    check(seen, {name: why for name, why in whys.items() if why.startswith(tr(NOT_READY))})


def test_each_log_has_all_that_its_service_says(host, chosen):
    lost = {name: f"{name}: {one.unlogged}" for name, one in sessions(host, chosen).items() if one.unlogged}
    if lost:
        raise Unlogged(lost)


def test_the_files_are_those_that_up_writes(host, chosen):
    """Content, mode and owner; a service's environment is its owner's alone."""
    if not (files := {service.name: files_of(service) for service in chosen.services}):
        pytest.skip("no services")
    files[tr("after a restart")] = boot_files(chosen)
    command = FileStates().command([(file.dest, file.block) for its in files.values() for file in its])
    states = FileStates().process(host.run(command).stdout.splitlines())
    wrong = {
        name: [f"{file.dest}: {why}" for file in its if (why := wrong_with(file, states.get(file.dest)))]
        for name, its in files.items()
    }
    if any(wrong.values()):
        raise PartsBroken({name: "; ".join(whys) for name, whys in wrong.items() if whys})


def test_nobody_else_is_open_to_others(host, chosen, survey, context):
    """Each socket that others may reach is sshd's, the provider's, a service's, or allowed by hosts.yml."""
    fact = ListeningFact()
    seen = fact.process(host.run(fact.command()).stdout.splitlines())
    ports = [service.port for service in chosen.services if service.port]
    wrong = strangers(seen, survey.provider, context.allow_listening, ports)
    if not seen.whole:
        wrong |= {"": tr("what listens on this instance cannot be told")}
    if wrong:
        raise Strangers(wrong)
