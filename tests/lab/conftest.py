"""Real lab containers for tests, and projects around them. A test names `box`, `shared_box` or `make_box`.

Every container made here is marked with this process, so that a killed run's are removed by the next.
"""

from __future__ import annotations

import io
import json
import os
import secrets
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import warm
from gpustrap.errors import BadInput, InstanceFailed
from gpustrap.lab import targets
from gpustrap.lab.box import PREFIX
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
    """A test marked `one_release` runs on the newest one only: what it tries does not depend on the system."""
    items[:] = [item for item in items if not item.get_closest_marker("one_release") or _on_newest(item)]
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("lab")


def _on_newest(item: pytest.Item) -> bool:
    return not hasattr(item, "callspec") or item.callspec.params.get("release", RELEASES[0]) == RELEASES[0]


@pytest.fixture(autouse=True)
def without_the_engine() -> Iterator[None]:
    """The servers of these tests are threads with sockets: the engine would make the sockets gevent's, which no thread
    can use, and the process aborts. Whatever needs it is a process of its own.
    """
    yield
    assert "gpustrap.engine" not in sys.modules, "this test, or its module, has imported the engine"


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
    """Makes boxes with names of their own: `make_box(network=None, flavour=None)`. They go with the test."""
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

    def make(network: str | None = None, flavour: str | None = None) -> LabTarget:
        name = f"t-{secrets.token_hex(4)}"
        made.append(name)
        config.stash[BOXES].add(name)
        return targets.up(name, release, say, flavour=flavour, network=network, owner=owner_mark())

    yield make
    for name in made:
        config.stash[BOXES].discard(name)
        remove(name)


@pytest.fixture
def removed_with() -> Iterator[Callable[[Path], None]]:
    """`removed_with(folder)`: the lab targets of the project in that folder go with the test."""
    folders: list[Path] = []
    yield folders.append
    for each in targets.ls():
        if each.target.project in folders:
            targets.down(each.target.name, each.target.project)


def remove(name: str) -> None:
    with suppress(BadInput):  # the test removed it itself
        targets.down(name)


@pytest.fixture
def ssh() -> Ssh:
    """`ssh(box, "command")` runs it by a login of its own and answers its stdout; a failure is the test's."""

    def run(box: LabTarget, command: str) -> str:
        done = subprocess.run([*box.ssh_command, command], capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout.strip()

    return run


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The console script of a wheel built from the checkout and installed where nothing else is."""
    folder, root = tmp_path_factory.mktemp("wheel"), Path(__file__).resolve().parents[2]

    def run(*words: object) -> None:
        done = subprocess.run([sys.executable, "-m", *map(str, words)], capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"

    run("pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, root)
    (wheel,) = folder.glob("gpustrap-*.whl")
    run("uv", "venv", "-q", "--python", sys.executable, folder / "venv")
    python, pins = folder / "venv" / "bin" / "python", root / "requirements.lock"
    run("uv", "pip", "install", "-q", "--python", python, "--constraints", pins, wheel)
    return folder / "venv" / "bin" / "gpustrap"


@dataclass(frozen=True)
class Ran:
    """What one run of gpustrap gave. A failed expectation shows all of it."""

    code: int
    stdout: str
    stderr: str

    def report(self, instance: str) -> dict[str, Any]:
        """The instance's part of the JSON report."""
        assert self.stdout, self.stderr
        return json.loads(self.stdout)["instances"][instance]

    def changed(self, instance: str) -> list[str]:
        """`role | operation` of each that changed."""
        return [f"{one['role']} | {one['operation']}" for one in self.report(instance)["changed"]]


class Project:
    """A project folder with its own gpustrap home; `run` is the command line in it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.home = folder / "home"
        (folder / "inventory").mkdir()

    def write(self, instances: dict[str, Any], **defaults: Any) -> None:
        """Write hosts.yml."""
        buffer = io.StringIO()
        YAML(typ="safe").dump(
            {"defaults": {"region": "global", "roles": [], **defaults}, "instances": instances}, buffer
        )
        (self.folder / "inventory" / "hosts.yml").write_text(buffer.getvalue(), encoding="utf-8")

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "gpustrap", *words]

    def environment(self, **more: str) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if key != "GPUSTRAP_PROJECT"}
        return {**kept, "GPUSTRAP_HOME": str(self.home), "NO_COLOR": "1", **more}

    def run(self, *words: str, env: dict[str, str] | None = None) -> Ran:
        done = warm.run(words, self.folder, self.environment(**env or {}))
        return Ran(done.code, done.stdout, done.stderr)

    def up(self, *names: str) -> Ran:
        """`up -y --json`, which has to go well."""
        ran = self.run("up", *names, "-y", "--json")
        assert ran.code == 0, ran.stderr
        return ran

    def revert(self, *names: str) -> Ran:
        """`revert -y --json`, which has to go well."""
        ran = self.run("revert", *names, "-y", "--json")
        assert ran.code == 0, ran.stderr
        return ran

    def killed_after(self, changes: int, *words: str) -> int:
        """Run gpustrap, SIGKILL it once it has printed so many `changed` lines. How many were seen."""
        with subprocess.Popen(
            self.command(*words),
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stderr is not None
            seen = 0
            for line in process.stderr:
                seen += line.startswith("changed")
                if seen >= changes:
                    process.send_signal(signal.SIGKILL)
                    break
            return seen


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture(scope="module")
def shared_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One project for the tests of a module, which are of one box."""
    return Project(tmp_path_factory.mktemp("project"))


Get = Callable[[str], str]


@pytest.fixture
def get() -> Get:
    """The body at a URL, asked from this machine without any proxy."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(url: str) -> str:
        with opener.open(url, timeout=10) as answer:
            return str(answer.read().decode())

    return ask


# All that is on the box, with kind, mode, owner, size and, outside /usr, where the time of the last change tells as much,
# its digest. Packages' own files are left out: those that dpkg lists, what apt and dpkg write, and /etc/shells, where the
# package tmux writes its name. So are those that a login shell writes by itself.
ALL = """
cat /var/lib/dpkg/info/*.list | sed 's,^/\\(bin\\|sbin\\|lib\\)/,/usr/\\1/,' | sort -u >/tmp/listed
places="-path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /run -o -path /var/cache -o -path /var/lib/apt"
places="$places -o -path /var/lib/dpkg -o -path /var/log -o -path /etc/shells -o -name .zcompdump -o -path /root/.cache -o -path /home/*/.cache -o -path /root/.local"
set -f
find / -xdev \\( $places \\) -prune -o -printf '%p\\t%y %m %U:%G %l\\n' | sort >/tmp/there
awk -F '\\t' 'NR == FNR { listed[$0]; next } !($1 in listed)' /tmp/listed /tmp/there
find / -xdev \\( $places -o -path /usr \\) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum |
    awk 'NR == FNR { listed[$0]; next } !($2 in listed)' /tmp/listed -
find /usr -xdev -type f -printf '%p %s %T@\\n' | sort >/tmp/usr
awk 'NR == FNR { listed[$0]; next } !($1 in listed)' /tmp/listed /tmp/usr
"""


@pytest.fixture
def standing(engine: Engine) -> Callable[[LabTarget], set[str]]:
    """`standing(box)`: a line for all that is on it but packages' own, asked past ssh and the shells of the box."""

    def look(box: LabTarget) -> set[str]:
        words = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "sh", "-c", ALL]
        return set(engine.run("exec", PREFIX + box.name, *words).splitlines())

    return look


@pytest.fixture
def unsaid() -> Callable[[set[str], list[str]], list[str]]:
    """`unsaid(lines, notes)`: the lines of `standing` whose path no note names."""

    def of(lines: set[str], notes: list[str]) -> list[str]:
        said = {word.strip(":;,") for note in notes for word in note.split() if word.startswith("/")}
        return sorted(line for line in lines if not said & set(line.split()))

    return of
