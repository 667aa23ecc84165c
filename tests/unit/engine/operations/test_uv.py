"""uv-fetch.sh against a box's pip that is dead, bound by settings, or old; and the laptop's help."""

from __future__ import annotations

import os
import subprocess
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pyinfra.api import FileUploadCommand
from pyinfra.api.exceptions import PyinfraError

from gpustrap.catalog.uv import UvWheel
from gpustrap.engine import uv_wheel
from gpustrap.engine.facts.uv import UvState, UvVersion
from gpustrap.engine.notes import noted
from gpustrap.engine.operations.uv import installed
from gpustrap.engine.pyinfra_internals import commands_of
from gpustrap.engine.scripts import clean, script, text_of
from gpustrap.errors import InstanceFailed

WHEEL = UvWheel(version="0.9.11", arch="x86_64", sha256="00ff", source="a list", read=date(2026, 11, 23))

PIP = """#!/bin/sh
[ "$1" != --version ] || exit 0
[ "$1" = config ] && {{ echo http://box.invalid/simple; exit; }}
echo "$*" >{here}/asked
env | grep '^PIP_' | sort >{here}/env
while [ $# -gt 0 ]; do [ "$1" = --target ] && target=$2; shift; done
mkdir -p "$target/bin" && echo '#!/bin/sh' >"$target/bin/uv"
"""
DEAD = {
    "require-virtualenv": "ERROR: Could not find an activated virtualenv (required).",
    "SOCKS": "ERROR: Could not install packages due to an OSError: Missing dependencies for SOCKS support.",
    "PEP 668": "error: externally-managed-environment",
    "broken": "ModuleNotFoundError: No module named 'pip'",
    "secret": "ERROR: http://me:***@p.invalid refused",
}


@pytest.fixture
def fetch(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Run the script with this `pip`, and give what it printed."""

    def run(
        pip: str | None, index: str = "", fallback: str = "yes", patience: int = 20, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        if pip is not None:
            (tmp_path / "pip3").write_text(pip.format(here=tmp_path))
            (tmp_path / "pip3").chmod(0o755)
        head, state = text_of("unset") + text_of("clean"), str(tmp_path / "state")
        told = {"requirement": "uv==1", "index": index, "fallback": fallback, "patience": patience}
        text = clean("uv-place", path=str(tmp_path / "uv"), state=state, role="python") + script("uv-fetch", **told)
        path = f"PATH={tmp_path}:$PATH\n"
        return subprocess.run(
            ["/bin/sh", "-c", head + path + text.removeprefix(head)],
            text=True,
            capture_output=True,
            timeout=30,
            env={**os.environ, **environment},
        )

    return run


def test_pip_is_asked_alone_whatever_the_box_says(fetch, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    done = fetch(PIP, PIP_REQUIRE_VIRTUALENV="1", PIP_NO_INDEX="1", PIP_TARGET="/x", PIP_CONSTRAINT="/y")
    assert (done.returncode, done.stderr, os.access(tmp_path / "uv", os.X_OK)) == (0, "", True)
    assert (tmp_path / "env").read_text().split() == [
        "PIP_CONFIG_FILE=/dev/null",
        "PIP_DISABLE_PIP_VERSION_CHECK=1",
        "PIP_NO_INPUT=1",
        "PIP_REQUIRE_VIRTUALENV=0",
    ]
    asked = (tmp_path / "asked").read_text()
    assert asked.startswith("--isolated install ") and "--index-url http://box.invalid/simple" in asked


def test_the_decided_index_goes_before_the_boxs_own(fetch, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    fetch(PIP, index="http://u:p@mirror.invalid:8/simple")
    asked = (tmp_path / "asked").read_text()
    assert "--trusted-host mirror.invalid --index-url http://u:p@mirror.invalid:8/simple" in asked


@pytest.mark.parametrize("words", DEAD.values(), ids=DEAD)
def test_a_pip_that_cannot_is_no_failure_where_the_laptop_may_help(fetch, tmp_path: Path, words: str) -> None:  # type: ignore[no-untyped-def]
    raw = words.replace("***", "canary:x").replace("me:canary:x", "me:canary")
    done = fetch(f'#!/bin/sh\necho "{raw}"\nexit 1\n')
    said = words.replace("me:***", "***")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "state" / "uv-pip").read_text() == f"pip on the instance cannot fetch uv: {said}\n"
    assert "canary" not in done.stdout


@pytest.mark.parametrize("body", ["sleep 3600", "trap '' TERM; sleep 3600 & while :; do wait; sleep 1; done"])
def test_a_pip_that_hangs_is_not_waited_for_as_long_as_a_download(fetch, tmp_path: Path, body: str) -> None:  # type: ignore[no-untyped-def]
    done = fetch(f"#!/bin/sh\n{body}\n", index="http://box.invalid/simple", patience=1)
    why = "pip on the instance cannot fetch uv: it gives no answer in 1 s"
    assert (done.returncode, done.stdout, done.stderr) == (0, f"[gpustrap] {why}; the laptop sends it\n", "")


def test_without_that_help_it_is_a_failure_in_its_words(fetch) -> None:  # type: ignore[no-untyped-def]
    done = fetch("#!/bin/sh\necho no; exit 1\n", fallback="")
    assert (done.returncode, done.stderr) == (1, "pip on the instance cannot fetch uv: no\n")


def test_where_nothing_stood_it_is_written_down_that_uv_stays(fetch, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for _ in range(2):
        fetch(PIP, index="http://box.invalid/simple")
    assert set((tmp_path / "state" / "stays" / "python").read_text().splitlines()) == {f"file {tmp_path}/uv"}
    assert not (tmp_path / "state" / "kept").exists()


class Box:
    """Stands for pyinfra's host: the versions that stand at the path, one after another."""

    current_op_hash = "op"

    def __init__(self, *states: UvState, executing: bool = True):
        self.states, self.connector_data = [*states], {}
        self.state = type("State", (), {"is_executing": executing})

    def get_fact(self, fact: type, path: str) -> UvState:
        assert (fact, path) == (UvVersion, "/usr/local/bin/uv")
        return self.states.pop(0)

    def noop(self, why: str) -> None:
        self.why = why


def run(box: Box, monkeypatch, **arguments: Any) -> list[str]:
    """What is sent: uploads as `FILE > PLACE`, scripts by their last assignments."""
    from pyinfra.context import ctx_host

    monkeypatch.setattr(uv_wheel, "packed_binary", lambda wheel: Path(f"/cache/{wheel.version}.gz"))
    with ctx_host.use(box):
        commands = list(commands_of(installed)(path="/usr/local/bin/uv", wheel=WHEEL, **arguments))
    return [
        f"{each.src} > {each.dest}" if isinstance(each, FileUploadCommand) else _parameters(each) for each in commands
    ]


def _parameters(command: Any) -> str:
    names = ("path=", "packed=", "requirement=", "index=", "fallback=", "state=")
    return " ".join(line for line in command.get_raw_value().splitlines() if line.startswith(names))


SENT = [
    "/cache/0.9.11.gz > /usr/local/bin/uv.0.9.11.gz",
    "path=/usr/local/bin/uv packed=/usr/local/bin/uv.0.9.11.gz state=/var/lib/gpustrap",
]
FETCHED = (
    "path=/usr/local/bin/uv requirement='uv==0.9.11 --hash=sha256:00ff' index={} fallback={} state=/var/lib/gpustrap"
)


def test_the_laptop_sends_it_where_it_is_to(monkeypatch) -> None:
    box = Box(UvState("0.8.0"))
    assert run(box, monkeypatch, from_laptop=True) == SENT
    assert noted(box.connector_data, "op") == ("/usr/local/bin/uv: 0.8.0 → 0.9.11, sent by the laptop",)


@pytest.mark.parametrize(
    ("fallback", "executing", "now", "sends"),
    [
        (True, True, UvState(None, pip_said="pip says no"), True), (True, True, UvState("0.8.0"), True),
        (True, True, UvState("0.9.11"), False), (True, False, UvState(), False), (False, True, UvState(), False),
    ],
)  # fmt: skip
def test_the_laptop_helps_where_it_may_and_pip_did_not_bring_it(monkeypatch, fallback, executing, now, sends) -> None:
    box = Box(UvState(), now, executing=executing)
    commands = run(box, monkeypatch, from_laptop=False, fallback=fallback, index="http://m")
    assert commands == [FETCHED.format("http://m", "yes" if fallback else "''"), *(SENT if sends else [])]
    said = "/usr/local/bin/uv: none → 0.9.11, fetched by pip"
    why = f"{now.pip_said or 'pip on the instance cannot fetch uv'}; the laptop sends it"
    assert noted(box.connector_data, "op") == ((said, why) if sends else (said,))


def test_without_more_said_pip_is_asked_for_its_own_index_and_nobody_helps(monkeypatch) -> None:
    assert run(Box(UvState()), monkeypatch, from_laptop=False) == [FETCHED.format("''", "''")]


def test_ahead_of_its_turn_the_laptop_downloads_nothing(monkeypatch) -> None:
    box = Box(UvState())
    box.connector = SimpleNamespace(foreseeing=True)
    with pytest.raises(PyinfraError, match=r"^this is done when it is its turn$"):
        run(box, monkeypatch, from_laptop=True)


def test_what_cannot_be_written_to_is_said_with_what_to_do(monkeypatch) -> None:
    with pytest.raises(InstanceFailed) as failed:
        run(Box(UvState(obstacle="a directory")), monkeypatch, from_laptop=True)
    assert str(failed.value) == (
        "uv: uv cannot be written to /usr/local/bin/uv: it is a directory\nhint: mend it on the instance, then run again"
    )


def test_one_that_is_there_is_left_alone(monkeypatch) -> None:
    box = Box(UvState("0.9.11"))
    assert (run(box, monkeypatch, from_laptop=True), box.why) == ([], "uv 0.9.11 is there")
