"""Every line of shell that runs on an instance passes shellcheck: the scripts as they stand, the templates as they render."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from gpustrap import content
from gpustrap.engine.scripts import FOLDER
from gpustrap.resolve.service import Service

ROOT = Path(__file__).resolve().parents[2]
SHELLCHECK = Path(sys.executable).with_name("shellcheck")
# Parameters and what a script's other half defines stand in other files: SC2154, SC2034. Templates that are read
# by other shells than POSIX's are none of this.
OPTIONS = ("-s", "sh", "-e", "SC2154,SC2034,SC1090,SC1091", "-f", "gcc", "-")
OTHER_SHELLS = ("environment/profile.fish.j2", "environment/wrap.fish.j2")


def findings(text: str, *options: str) -> str:
    return subprocess.run([SHELLCHECK, *options, *OPTIONS], input=text, text=True, capture_output=True).stdout


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.sh")), ids=lambda path: path.stem)
def test_a_script_passes(path: Path) -> None:
    assert findings(path.read_text(encoding="utf-8")) == ""


CLEARS = re.compile(r"trap '.*' EXIT")
HALVES = {"files-apply": "files-receive"}  # the second is read by the first, which has the signals


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.sh")), ids=lambda path: path.stem)
def test_what_a_script_clears_away_goes_by_every_end_of_it(path: Path) -> None:
    """dash leaves its EXIT out where a signal ends it; SIGPIPE is one, where the laptop reads no more."""
    text = path.read_text(encoding="utf-8")
    if CLEARS.search(text):
        with_signals = FOLDER / f"{HALVES.get(path.stem, path.stem)}.sh"
        heeded = re.findall(r"trap '(?:exit 1)?' ([A-Z ]+)$", with_signals.read_text(encoding="utf-8"), re.MULTILINE)
        assert {"HUP", "INT", "PIPE", "TERM"} <= set(" ".join(heeded).split())


SERVICE = Service("web", "exec serve", 8080, "/ping", cwd="/srv/it's here", env={"A": "b"})
HARD = {"A": "b", "PATH_LIKE": "a:b $(id) 'q' \"w\" é"}
INCLUDED = {"torch/fetch.sh.j2"}  # by torch/install.sh.j2
INSTALLATION = {
    "uv": "/usr/local/bin/uv",
    "python": "/a b/bin/python",
    "python_version": "3.11",
    "venv": "/a b",
    "base": "/usr/bin/python3",
    "managed": False,
    "pythons": "/a b/python",
    "also_on_pypi": True,
    "pypi": "http://i/simple",
    "plain": "",
    "mirrors": [{"kind": "index", "url": "http://m"}, {"kind": "find-links", "url": "http://f"}],
    "from_mirrors": ["torch==2.9.1+cu126"],
    "requirements": ["torch==2.9.1+cu126", "numpy"],
}
INSTALLATIONS = [
    INSTALLATION,
    {**INSTALLATION, "from_mirrors": [], "mirrors": []},
    {**INSTALLATION, "venv": ""},
    {**INSTALLATION, "also_on_pypi": False, "pypi": None},
]
GUARD = {"file": "/a b/constraints.txt", "prefix": "/a b/venv"}
SAMPLES: dict[str, list[dict[str, Any]]] = {
    "services/run.sh.j2": [
        {"service": replace(SERVICE, restart=restart)} for restart in ("always", "on-failure", "never")
    ]
    + [{"service": replace(SERVICE, port=8001, beside="it's {port}")}],
    "services/env.j2": [{"service": SERVICE, "env": {name: SecretStr(value) for name, value in HARD.items()}}],
    "services/boot.sh.j2": [{"script": ":"}],
    "services/boot-login.sh.j2": [{"boot": "/etc/gpustrap/boot", "user": user} for user in ("", "it's me")],
    "services/boot-login.zsh.j2": [{"login": "/etc/profile.d/zzzz-gpustrap-services.sh"}],
    "services/boot-start.sh.j2": [{"boot": "/etc/gpustrap/boot"}],
    "environment/profile.sh.j2": [{"role": "network", "variables": HARD}],
    "torch/install.sh.j2": [{"installation": one, "place": "/a place"} for one in INSTALLATIONS],
    "torch/activate.sh.j2": [{"guard": GUARD}],
    "torch/conda-activate.sh.j2": [{"guard": GUARD}],
    "torch/conda-deactivate.sh.j2": [{"guard": GUARD}],
    "environment/wrap.sh.j2": [{"own": "/etc/profile.d/gpustrap-a-b.sh", "file": "/home/it's/.bashrc", "role": "a-b"}],
    "hub/hf.j2": [{"environment": {"bin": "/a b/bin"}}],
    "environment/hook.sh.j2": [{"own": "/etc/profile.d/gpustrap-network.sh"}],
}


def rendered(src: str, values: dict[str, Any]) -> str:
    from gpustrap.engine import templates

    templates.use_project(content.builtin_root())
    return templates.render(src, values)


@pytest.mark.parametrize(("src", "values"), [(src, one) for src, many in SAMPLES.items() for one in many], ids=str)
def test_a_template_passes_as_it_renders(src: str, values: dict[str, Any]) -> None:
    text = rendered(src, values)
    # A value may hold what looks like a variable, and is quoted for just that (SC2016); torch's script splits
    # lists of pins into words on purpose (SC2086).
    allowed = "SC2016,SC2086" if src.startswith("torch/") else "SC2016"
    assert findings(text if text.startswith("#!") else f"#!/bin/sh\n{text}", "-e", allowed) == ""


def test_every_template_of_shell_is_looked_at() -> None:
    folder = ROOT / "templates"
    shell = {str(path.relative_to(folder)) for path in folder.rglob("*.j2") if is_shell(path)}
    assert shell - set(OTHER_SHELLS) - set(SAMPLES) - INCLUDED == set()


def is_shell(path: Path) -> bool:
    return ".sh." in path.name or path.read_text(encoding="utf-8").startswith("#!/bin/sh") or path.name == "env.j2"


def test_no_module_of_the_engine_holds_a_script() -> None:
    """Shell of more than one line belongs into a file of its own, where shellcheck reads it."""
    found = []
    for path in [
        *(ROOT / "src/gpustrap/engine/operations").glob("*.py"),
        *(ROOT / "src/gpustrap/engine").glob("*.py"),
        *(ROOT / "src/gpustrap/engine/facts").glob("*.py"),
    ]:
        for text in re.findall(r'"""(.*?)"""', path.read_text(encoding="utf-8"), re.DOTALL):
            if re.search(r"^\s*(trap|done|fi|esac|then)\b", text, re.MULTILINE):
                found.append(path.name)
    assert found in ([], ["survey.py"])
