"""The built-in roles and templates, and one survey to change where it matters."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gpustrap import content
from gpustrap.resolve.box.survey import Survey

SERVERS = Path(__file__).parents[2] / "bad_net.py"


@pytest.fixture(autouse=True)
def builtin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Templates come from the built-in content only, unless a test names a project."""
    from gpustrap.engine import templates  # not before tests/conftest.py has been heard

    monkeypatch.syspath_prepend(content.builtin_root())
    templates.use_project(content.builtin_root())
    yield
    templates.use_project(Path())


@pytest.fixture
def survey(survey: Survey) -> Survey:
    """The same box, of which neither tools nor sources of apt are known."""
    return replace(survey, tools={}, apt_sources=())


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a client has to trust."""
    return tmp_path_factory.mktemp("net") / "trusted.pem"


@pytest.fixture(scope="module")
def faults(trusted: Path) -> Iterator[dict[str, str]]:
    """Fault → its URL."""
    words = [sys.executable, str(SERVERS), str(trusted.parent)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as servers:
        assert servers.stdout and servers.stdin
        yield json.loads(servers.stdout.readline())
        servers.stdin.close()


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """A folder that stands for an instance, with one service in it: a `service_box.Box`."""
    if not shutil.which("tmux") or not shutil.which("ss"):
        pytest.skip("no tmux or no ss here")
    from gpustrap.engine.facts import tmux as fact  # not before tests/conftest.py has been heard
    from service_box import Box

    made = Box(tmp_path)
    monkeypatch.setattr(fact, "RUNS", str(tmp_path / "run"))
    monkeypatch.setattr(fact, "PROFILE", str(tmp_path / "profile"))
    monkeypatch.setattr(fact, "OLDER", {"services": made.older, "jobs": f"{made.older}-jobs"})
    yield made
    made.end()
