"""uv-fetch.sh against a box's pip that is dead, bound by settings, or old; and the laptop's help."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from gpustrap.engine.scripts import clean, script

PIP = """#!/bin/sh
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
        pip: str | None, index: str = "", fallback: str = "yes", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        if pip is not None:
            (tmp_path / "pip3").write_text(pip.format(here=tmp_path))
            (tmp_path / "pip3").chmod(0o755)
        head, state = script("clean"), str(tmp_path / "state")
        text = clean(
            "uv-fetch", path=str(tmp_path / "uv"), requirement="uv==1", index=index, fallback=fallback, state=state
        )
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


def test_without_that_help_it_is_a_failure_in_its_words(fetch) -> None:  # type: ignore[no-untyped-def]
    done = fetch("#!/bin/sh\necho no; exit 1\n", fallback="")
    assert (done.returncode, done.stderr) == (1, "pip on the instance cannot fetch uv: no\n")
