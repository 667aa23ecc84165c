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
from gpustrap.engine.operations.files import ManagedFile
from gpustrap.engine.templates import render
from gpustrap.resolve.box.configuration import Configuration
from gpustrap.resolve.box.shells import Shells
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


OWN = ["/etc/profile.d/gpustrap-x.sh", "/etc/profile.d/zzzz-gpustrap-x.sh", "/root/.bashrc"]
FISH = ["/root/.config/fish/conf.d/gpustrap-x.fish", "/root/.config/fish/config.fish"]


def with_files(survey: Survey, shell: str, *rc: str, tools: tuple[str, ...] = ()) -> Survey:
    return replace(survey, shell=shell, configuration=Configuration(rc_files=rc), tools=dict.fromkeys(tools, "/x"))


def test_variables_reach_login_shells_and_ssh_commands(survey: Survey) -> None:
    own, again, hook = environment.files("mirrors", {"A": "1"}, survey)
    assert (own.dest, own.text) == (
        "/etc/profile.d/gpustrap-mirrors.sh",
        "# Managed by gpustrap: role mirrors.\nexport A=1\n",
    )
    assert own.dest in again.text and again.dest > "/etc/profile.d/z"
    assert (hook.dest, hook.block, hook.top) == ("/root/.bashrc", "mirrors", True)


@pytest.mark.parametrize(
    ("shell", "rc", "tools", "files"),
    [
        ("/bin/bash", (), (), OWN),
        ("/bin/bash", (".bashrc", ".profile", ".zshrc"), (), [*OWN, "/root/.profile"]),
        ("/bin/bash", (".bash_profile", ".bash_login"), (), [*OWN, "/root/.bash_profile", "/root/.bash_login"]),
        ("/usr/bin/zsh", (), (), [*OWN, "/root/.zshenv"]),
        ("/usr/bin/zsh", (".zshrc", ".zlogin"), (), [*OWN, "/root/.zshenv", "/root/.zshrc", "/root/.zlogin"]),
        ("/bin/bash", (".zshrc",), ("zsh",), [*OWN, "/root/.zshenv", "/root/.zshrc"]),
        ("/usr/bin/fish", (), (), [*OWN, *FISH]),
        ("/bin/bash", (), ("fish",), [*OWN, *FISH]),
    ],
)
def test_each_shell_that_is_there_gets_its_files(survey: Survey, shell: str, rc, tools, files: list[str]) -> None:
    there = with_files(survey, shell, *rc, tools=tools)
    assert [file.dest for file in environment.files("x", {"A": "1"}, there)] == files


@pytest.mark.parametrize("everywhere", [True, False])
def test_without_variables_every_file_and_line_goes(survey: Survey, everywhere: bool) -> None:
    there = with_files(survey, "/usr/bin/fish", ".profile", tools=("sudo",))
    given = environment.files("x", {"A": "1"}, there, everywhere=everywhere)
    gone = environment.files("x", {}, there, everywhere=everywhere)
    assert [(file.dest, file.block) for file in gone] == [(file.dest, file.block) for file in given]
    assert all(file.content is None for file in gone)


def test_a_secret_variable_makes_its_file_secret_and_stays_out_of_what_all_may_read(survey: Survey) -> None:
    there = with_files(survey, "/usr/bin/fish", tools=("sudo",))
    wanted = environment.files("network", {"A": SecretStr("canary"), "B": "1"}, there, everywhere=True)
    modes = {file.dest: file.octal for file in wanted}
    assert {dest for dest, mode in modes.items() if mode == "600"} == {
        "/etc/profile.d/gpustrap-network.sh",
        "/root/.config/fish/conf.d/gpustrap-network.fish",
    }
    text = {file.dest: file.text for file in wanted}
    assert text["/etc/environment"] == "B='1'\n"
    assert text["/etc/sudoers.d/gpustrap-network"].splitlines()[1] == 'Defaults env_keep += "A B"'
    assert modes["/etc/sudoers.d/gpustrap-network"] == "440"
    assert not any("canary" in text[dest] for dest, mode in modes.items() if mode != "600")


@pytest.mark.parametrize("value", ["a b", "a#b", "it's", 'say "x"', "$HOME", "a\\b"])
def test_what_pam_would_read_otherwise_is_not_told_to_it(survey: Survey, value: str) -> None:
    text = {file.dest: file.text for file in environment.files("x", {"A": value, "B": "1"}, survey, everywhere=True)}
    assert text["/etc/environment"] == "B='1'\n"


RC = """export V=theirs
printf once >>"$HOME/count"
case $- in *i*) ;; *) return ;; esac
export V=later
"""


@pytest.fixture(params=["dash", "bash"])
def wrapping_shell(request: pytest.FixtureRequest) -> str:
    return shutil.which(request.param) or pytest.skip(f"no {request.param} here")


@pytest.mark.parametrize("interactive", [True, False])
@pytest.mark.parametrize("rc", [RC, "", "return 3\n", "V=theirs; export V; false\n", "export V=theirs\nif\n"])
def test_ours_counts_whatever_the_rest_of_the_file_does(
    wrapping_shell: str, tmp_path: Path, rc: str, interactive: bool
) -> None:
    own, file = tmp_path / "own.sh", tmp_path / "rc"
    own.write_text("export V=ours\n")
    lines = [
        render("environment/wrap.sh.j2", {"role": role, "own": str(own), "file": str(file)}) for role in ("a", "b-c")
    ]
    file.write_text("".join(lines) + rc)
    options = ["-i"] if interactive else []
    done = subprocess.run(
        [wrapping_shell, *options, "-c", f'. {file}; printf "%s\\n" "$V"; env | grep -c gpustrap_'],
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        text=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )
    if "if\n" in rc and wrapping_shell.endswith("dash"):
        return  # a syntax error ends dash, whatever stands before it
    assert done.stdout == "ours\n0\n", done.stderr
    if rc is RC:
        assert (tmp_path / "count").read_text() == "once"


def test_a_line_that_somebody_breaks_does_not_read_the_file_without_end(tmp_path: Path) -> None:
    text = render("environment/wrap.sh.j2", {"role": "a", "own": "/nowhere", "file": str(tmp_path / "rc")})
    assert len(text.splitlines()) == 1


@pytest.fixture(params=["dash", "bash", "zsh"])
def hooked_shell(request: pytest.FixtureRequest) -> str:
    return shutil.which(request.param) or pytest.skip(f"no {request.param} here")


@pytest.mark.parametrize("there", [True, False])
def test_the_hook_reads_its_file_and_is_silent_without_it(hooked_shell: str, tmp_path: Path, there: bool) -> None:
    file = tmp_path / "gpustrap-a.sh"
    if there:
        file.write_text("export V=1\n")
    assert value_in(hooked_shell, render("environment/hook.sh.j2", {"own": str(file)})) == ("1" if there else "")


def test_a_readonly_variable_ends_no_shell_and_the_others_are_set(shell: str) -> None:
    text = render("environment/profile.sh.j2", {"role": "x", "variables": {"R": "1", "V": "2"}, "fixed": ("R",)})
    assert value_in(shell, f"R=theirs; readonly R\n{text}") == "2"
    assert value_in(shell, f"{text}V=$R\n") == "1"


def test_a_folder_comes_to_the_end_of_a_path_without_it_and_once(shell: str) -> None:
    text = render("environment/profile.sh.j2", {"role": "x", "variables": {}, "folders": ("/usr/local/bin",)})
    for before, after in {
        "/bin": "/bin:/usr/local/bin",
        "/usr/local/bin:/bin": "/usr/local/bin:/bin",
        "/opt/usr/local/bin": "/opt/usr/local/bin:/usr/local/bin",
        "": "/usr/local/bin",
    }.items():
        assert value_in(shell, f"PATH={before}\n{text}{text}V=$PATH\n") == after


def test_every_place_of_a_roles_variables_is_its_own(survey) -> None:
    box = replace(survey, tools={"sudo": "/usr/bin/sudo", "fish": "/usr/bin/fish", "zsh": "/bin/zsh"},
                  configuration=Configuration(rc_files=(".profile", ".zshrc")))  # fmt: skip
    variables = {"A": "plain", "B": SecretStr("canary"), "C": "two words"}
    made = environment.files("network", variables, box, everywhere=True)
    assert [(file.dest, file.block, file.top, file.octal) for file in made] == [
        ("/etc/profile.d/gpustrap-network.sh", "", False, "600"),
        ("/etc/profile.d/zzzz-gpustrap-network.sh", "", False, "644"),
        ("/root/.bashrc", "network", True, "644"),
        ("/root/.profile", "network", True, "644"),
        ("/root/.zshenv", "network", True, "644"),
        ("/root/.zshrc", "network", True, "644"),
        ("/root/.config/fish/conf.d/gpustrap-network.fish", "", False, "600"),
        ("/root/.config/fish/config.fish", "network", True, "644"),
        ("/etc/environment", "network", False, "644"),
        ("/etc/sudoers.d/gpustrap-network", "", False, "440"),
    ]
    texts = {file.dest: file.text for file in made}
    assert "A='plain'\n" in texts["/etc/environment"]
    assert "canary" not in texts["/etc/environment"] and "words" not in texts["/etc/environment"]
    assert "A B C" in texts["/etc/sudoers.d/gpustrap-network"]
    fewer = environment.files("network", variables, box)
    assert [file.dest for file in fewer] == [file.dest for file in made[:-2]]
    gone = environment.files("network", {}, box, everywhere=True)
    assert [(file.dest, file.block, file.content) for file in gone] == [(file.dest, file.block, None) for file in made]


def test_a_variable_that_others_made_readonly_is_set_where_that_is_possible_alone() -> None:
    shells = Shells("/root", (".bashrc",), fixed=frozenset({"R"}))
    own = next(
        file
        for file in environment.files("x", {"R": "1", "V": "2"}, shells)
        if file.dest == "/etc/profile.d/gpustrap-x.sh"
    )
    assert isinstance(own, ManagedFile) and own.text.count("if (unset R)") == 1 and "if (unset V)" not in own.text
