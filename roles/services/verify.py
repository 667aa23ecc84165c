"""What the role `services` promises, asked and judged as `up` does: sessions, files, ports for others, answers."""

from typing import Any

import pytest

from gpustrap.engine.facts.files import FileStates
from gpustrap.engine.facts.tmux import Running, TmuxServices
from gpustrap.engine.operations.files import difference
from gpustrap.engine.operations.tmux import NOT_READY, reason_to_start
from gpustrap.engine.services import files_of, identity, probes


def sessions(host: Any, chosen: Any) -> dict[str, Running]:
    """All tests ask the same, so that it is asked once."""
    fact = TmuxServices()
    return fact.process(host.run(fact.command(probes(chosen.services))).stdout.splitlines())


def reasons(host: Any, chosen: Any) -> dict[str, str]:
    """Service → why `up` would start it or wait for it; those that are as wanted are not in it."""
    seen = sessions(host, chosen)
    whys = {
        each.name: reason_to_start(seen.get(each.name), identity(files_of(each)), each.restart)
        for each in chosen.services
    }
    return {name: why for name, why in whys.items() if why is not None}


def test_each_service_has_its_session_and_no_other_is_there(host, chosen):
    seen, wanted = set(sessions(host, chosen)), {service.name for service in chosen.services}
    assert seen == wanted, "; ".join(
        [f"{name} has no session" for name in sorted(wanted - seen)]
        + [f"{name} runs and is no service of this instance" for name in sorted(seen - wanted)]
    )


def test_each_session_runs_what_up_would_start(host, chosen):
    wrong = {name: why for name, why in reasons(host, chosen).items() if not why.startswith(NOT_READY)}
    assert not wrong, "; ".join(f"{name}: {why}" for name, why in wrong.items())


def test_each_service_is_ready_for_others(host, chosen):
    """Its port listens on a public address and its health path answers; without a port it does not end all the time."""
    wrong = {name: why for name, why in reasons(host, chosen).items() if why.startswith(NOT_READY)}
    assert not wrong, "; ".join(f"{name}: {why}" for name, why in wrong.items())


def test_the_files_are_those_that_up_writes(host, chosen):
    """Content, mode and owner; a service's environment is its owner's alone."""
    files = [file for service in chosen.services for file in files_of(service)]
    if not files:
        pytest.skip("no services")
    command = FileStates().command([(file.dest, file.block) for file in files])
    states = FileStates().process(host.run(command).stdout.splitlines())
    wrong = {file.dest: why for file in files if (why := difference(file, states.get(file.dest)))}
    assert not wrong, "; ".join(f"{dest}: {why}" for dest, why in wrong.items())
