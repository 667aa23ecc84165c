"""Real lab containers for tests. A test names `box`, `shared_box` or `make_box` and gets it for each release.

Every container made here is marked with this process, so that a killed run's are removed by the next.
"""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from gpustrap.errors import BadInput, InstanceFailed
from gpustrap.lab import targets
from gpustrap.lab.engine import Engine, find_engine
from gpustrap.lab.images import RELEASES, ensure_image
from gpustrap.lab.owner import owner_mark
from gpustrap.lab.requirements import install_missing
from gpustrap.lab.targets import LabTarget

BOXES = pytest.StashKey[set[str]]()  # the names of this process's boxes that stand now
Ssh = Callable[..., str]


def pytest_configure(config: pytest.Config) -> None:
    config.stash[BOXES] = set()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("lab")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A failed test shows the log of the boxes that stood."""
    report: pytest.TestReport = yield
    if report.failed:
        report.sections += [(f"log of lab box {name}", box_log(name)) for name in sorted(item.config.stash[BOXES])]
    return report


def box_log(name: str) -> str:
    try:
        return "\n".join(targets.logs(name).splitlines()[-40:])
    except (BadInput, InstanceFailed) as failed:
        return str(failed)


def say(line: str) -> None:
    print(line, file=sys.stderr)


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The container engine; a fresh machine gets one, and all else that the lab needs, first."""
    install_missing(say)
    return find_engine()


@pytest.fixture(scope="session", params=RELEASES)
def release(request: pytest.FixtureRequest, engine: Engine) -> str:
    """Each release in turn, with its image built."""
    ensure_image(engine, request.param, say)
    return str(request.param)


@pytest.fixture
def make_box(request: pytest.FixtureRequest, release: str) -> Iterator[Callable[..., LabTarget]]:
    """Makes boxes with names of their own: `make_box(network=None)`. They go with the test."""
    yield from box_factory(request.config, release)


@pytest.fixture(scope="module")
def make_shared_box(request: pytest.FixtureRequest, release: str) -> Iterator[Callable[..., LabTarget]]:
    """The same, for boxes that go with the module."""
    yield from box_factory(request.config, release)


@pytest.fixture
def box(make_box: Callable[..., LabTarget]) -> LabTarget:
    """A fresh box for one test."""
    return make_box()


@pytest.fixture(scope="module")
def shared_box(make_shared_box: Callable[..., LabTarget]) -> LabTarget:
    """One box for the tests of a module that leave it as it was."""
    return make_shared_box()


def box_factory(config: pytest.Config, release: str) -> Iterator[Callable[..., LabTarget]]:
    made: list[str] = []

    def make(network: str | None = None) -> LabTarget:
        name = f"t-{secrets.token_hex(4)}"
        made.append(name)
        config.stash[BOXES].add(name)
        return targets.up(name, release, say, network=network, owner=owner_mark())

    yield make
    for name in made:
        config.stash[BOXES].discard(name)
        remove(name)


def remove(name: str) -> None:
    with suppress(BadInput):  # the test removed it itself
        targets.down(name)


@pytest.fixture
def ssh() -> Ssh:
    """`ssh(box, "command")` runs it by a login of its own and answers its stdout; a failure is the test's."""

    def run(box: LabTarget, command: str) -> str:
        done = subprocess.run([*box.ssh_command, command], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout.strip()

    return run
