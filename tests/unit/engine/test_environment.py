from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from gpustrap.engine import environment
from gpustrap.engine.templates import render
from gpustrap.resolve.box.survey import Survey

VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=25)
HOSTILE = [
    "",
    " ",
    "a b",
    "it's",
    '"',
    "$(id)",
    "`id`",
    "${HOME}",
    "\\",
    "\\n",
    "a\nb",
    "\n",
    "#",
    "!",
    "é",
    "-n",
    "'\\''",
]


def value_in(shell: str, text: str) -> str:
    """The variable V as a shell has it after reading a file."""
    done = subprocess.run(
        [shell, "-c", '. "$0"; printf "%s." "$V"', "/dev/stdin"],
        input=text.encode(),
        capture_output=True,
        check=True,
    )
    assert done.stderr == b""
    return done.stdout.decode().removesuffix(".")


def hostile(test):
    for value in HOSTILE:
        test = example(value=value)(test)
    return settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])(
        given(value=VALUES)(test)
    )


@pytest.fixture(params=["dash", "bash"])
def shell(request: pytest.FixtureRequest) -> str:
    return shutil.which(request.param) or pytest.skip(f"no {request.param} here")


@hostile
def test_a_shell_reads_from_the_profile_what_was_meant(shell: str, value: str) -> None:
    text = render("environment/profile.sh.j2", {"role": "x", "variables": {"V": value, "W": "1"}})
    assert value_in(shell, text) == value


@hostile
def test_a_shell_reads_from_a_services_env_what_was_meant(shell: str, value: str) -> None:

    from gpustrap.resolve.service import Service

    text = render("services/env.j2", {"service": Service("web", "x"), "env": {"V": SecretStr(value), "W": "1"}})
    assert value_in(shell, text) == value


@hostile
def test_fish_reads_from_its_file_what_was_meant(value: str) -> None:
    """In single quotes fish knows two escapes, \\\\ and \\' (its manual, "Quotes"); there is no fish here to ask."""
    text = render("environment/profile.fish.j2", {"role": "x", "variables": {"V": value}})
    quoted = re.fullmatch(r"# .*\nset -gx V '((?:[^'\\]|\\['\\])*)'\n", text)
    assert quoted is not None
    assert re.sub(r"\\(['\\])", r"\1", quoted[1]) == value


def test_variables_reach_login_shells_and_ssh_commands(survey: Survey) -> None:
    own, hook = environment.files("mirrors", {"A": "1"}, survey)
    assert (own.dest, own.text) == (
        "/etc/profile.d/gpustrap-mirrors.sh",
        "# Managed by gpustrap: role mirrors.\nexport A=1\n",
    )
    assert (hook.dest, hook.block, hook.top) == ("/root/.bashrc", "mirrors", True)


@pytest.mark.parametrize(
    ("shell", "files"),
    [
        ("/bin/bash", ["/etc/profile.d/gpustrap-x.sh", "/root/.bashrc"]),
        ("/usr/bin/zsh", ["/etc/profile.d/gpustrap-x.sh", "/root/.bashrc", "/root/.zshenv"]),
        (
            "/usr/bin/fish",
            ["/etc/profile.d/gpustrap-x.sh", "/root/.bashrc", "/root/.config/fish/conf.d/gpustrap-x.fish"],
        ),
    ],
)
def test_each_login_shell_gets_its_file(survey: Survey, shell: str, files: list[str]) -> None:
    assert [file.dest for file in environment.files("x", {"A": "1"}, replace(survey, shell=shell))] == files


def test_without_variables_their_files_and_the_hook_go(survey: Survey) -> None:
    files = environment.files("x", {}, replace(survey, shell="/usr/bin/fish"))
    assert [(file.dest, file.content is None) for file in files] == [
        ("/etc/profile.d/gpustrap-x.sh", True),
        ("/root/.bashrc", True),
        ("/root/.config/fish/conf.d/gpustrap-x.fish", True),
    ]


def test_a_secret_variable_makes_its_file_secret_and_not_the_hook(survey: Survey) -> None:
    own, hook = environment.files("network", {"A": SecretStr("pw"), "B": "1"}, survey)
    assert (own.octal, hook.octal) == ("600", "644")


@pytest.fixture(params=["dash", "bash", "zsh"])
def hooked_shell(request: pytest.FixtureRequest) -> str:
    return shutil.which(request.param) or pytest.skip(f"no {request.param} here")


@pytest.mark.parametrize("there", [True, False])
def test_the_hook_reads_its_file_and_is_silent_without_it(hooked_shell: str, tmp_path: Path, there: bool) -> None:
    file = tmp_path / "gpustrap-a.sh"
    if there:
        file.write_text("export V=1\n")
    assert value_in(hooked_shell, render("environment/hook.sh.j2", {"own": str(file)})) == ("1" if there else "")
