from __future__ import annotations

import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from gpustrap.engine.shells import (
    KINDS,
    assert_finds,
    assert_variables,
    digest,
    digest_of_all,
    digests,
    kinds_on,
    masked,
)
from gpustrap.resolve.box.configuration import Configuration, SetVariable


@dataclass
class Here:
    """Runs testinfra's commands on this machine, with a home of the test's."""

    home: Path
    said: str = ""

    def run(self, command: str) -> Here:
        env = {"HOME": str(self.home), "PATH": "/usr/bin:/bin", "V": "ours"}
        done = subprocess.run(["sh", "-c", command], env=env, text=True, capture_output=True, timeout=20)
        return Here(self.home, done.stdout)

    @property
    def stdout(self) -> str:
        return self.said


@pytest.mark.parametrize(
    ("kind", "value"), [("an ssh command", "ours"), ("an interactive bash", "it's\n$V"), ("a service", "")]
)
def test_the_value_that_a_shell_has_is_told_by_its_digest(tmp_path: Path, kind: str, value: str) -> None:
    (tmp_path / ".bashrc").write_text("echo hello; printf 'gpustrap-value V '; export V=\"it's\n\\$V\"\n")
    assert digests(Here(tmp_path), kind, ("V", "W")) == {"V": digest(value), "W": digest("")}


def test_variables_that_are_as_wanted_are_told_by_one_digest(tmp_path: Path, survey) -> None:
    (tmp_path / ".bashrc").write_text("echo hello; export V=\"it's\n\\$V\"; printf 'gpustrap-values '\n")
    asked: list[str] = []

    class Box(Here):
        def run(self, command: str) -> Here:
            asked.append(command)
            return super().run(command)

    assert_variables(Box(tmp_path), survey, "an interactive bash", {"V": SecretStr("it's\n$V")}, ("W", "X"))
    assert len(asked) == 1
    assert digest_of_all(Here(tmp_path), "an interactive bash", ("V", "W")) == digest("it's\n$V\0\0")


def test_a_value_that_runs_into_the_next_one_is_another(tmp_path: Path, survey) -> None:
    (tmp_path / ".bashrc").write_text("export V=ab W=c\n")
    with pytest.raises(AssertionError, match="V has another value"):
        assert_variables(Here(tmp_path), survey, "an interactive bash", {"V": "a", "W": "bc"})


def test_another_value_names_who_sets_it_and_shows_none(tmp_path: Path, survey) -> None:
    box = replace(survey, configuration=Configuration((SetVariable("V", "/root/.bashrc", 9),)))
    assert_variables(Here(tmp_path), box, "an ssh command", {"V": SecretStr("ours")})
    with pytest.raises(AssertionError) as failed:
        assert_variables(Here(tmp_path), box, "an ssh command", {"V": SecretStr("canary")})
    assert str(failed.value) == "V has another value in an ssh command; /root/.bashrc:9 sets it too"
    with pytest.raises(AssertionError) as failed:
        assert_variables(Here(tmp_path), survey, "an ssh command", {"W": "1"})
    assert str(failed.value) == "W is not set in an ssh command"


def test_shells_that_are_not_there_are_not_asked(survey) -> None:
    bare = replace(survey, tools={})
    assert set(KINDS) - set(kinds_on(bare)) == {"an interactive zsh", "fish"}
    assert kinds_on(replace(survey, tools={"zsh": "/bin/zsh", "fish": "/bin/fish"})) == tuple(KINDS)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("http://me:pw@h/x", "http://***@h/x"), ("", "nothing"), ("one\ntwo", "one"), ("x" * 300, "x" * 200)],
)
def test_a_clients_answer_is_one_line_without_a_password(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_each_kind_of_shell_is_started_from_its_own_files_alone(tmp_path: Path) -> None:
    asked: list[str] = []

    class Box:
        def run(self, command: str) -> Here:
            asked.append(command)
            return Here(tmp_path)

    for kind in KINDS:
        digests(Box(), kind, {"V": ""})
    began = [command.partition("exec /bin/sh")[0] for command in asked]
    assert began == [
        "{ sh -c '",
        '{ env -i HOME="$HOME" TERM=dumb bash -lc \'',
        '{ env -i HOME="$HOME" TERM=dumb bash -ic \'',
        '{ env -i HOME="$HOME" TERM=dumb PATH="$PATH" sh -lc \'',
        '{ env -i HOME="$HOME" TERM=dumb PATH="$PATH" zsh -ic \'',
        '{ env -i HOME="$HOME" TERM=dumb PATH="$PATH" fish -c \'',
        '{ env -i HOME="$HOME" PATH="$PATH" sh -c \'for f in /etc/profile.d/gpustrap-*.sh; do [ -r $f ] && . $f; done; ',
    ]
    assert all("; } 2>/dev/null </dev/null | grep " in command for command in asked)


@pytest.mark.parametrize(("shell", "asked"), [("/bin/bash", True), ("/bin/dash", False), ("/usr/bin/zsh", True)])
def test_an_ssh_command_is_asked_where_its_shell_reads_a_file_of_ours(survey, shell: str, asked: bool) -> None:
    assert ("an ssh command" in kinds_on(replace(survey, shell=shell))) is asked


def test_a_variable_that_is_set_to_nothing_is_not_set(tmp_path: Path, survey) -> None:
    with pytest.raises(AssertionError) as failed:
        assert_variables(Here(tmp_path), survey, "a service", {"EMPTY": "x"})
    assert str(failed.value) == "EMPTY is not set in a service"


@pytest.mark.parametrize(
    ("text", "wanted", "unset", "words"),
    [
        ("export V=1\n", {}, ("V",), "V is set in an interactive bash; {home}/.bashrc:1 sets it after gpustrap: take it away there"),
        ("export V=1; readonly V\n", {"V": "2"}, (), "V has another value in an interactive bash; {home}/.bashrc:1 makes it readonly, so "
         "nothing after it can set it: take that away there"),
        ("exit 3\n", {"V": "2"}, (), "an interactive bash ends at {home}/.bashrc:1, before it can run a command: `exit` ends it; "
         "take that away there"),
    ],
)  # fmt: skip
def test_who_sets_it_is_told_by_the_shell_itself(tmp_path: Path, survey, text, wanted, unset, words) -> None:
    (tmp_path / ".bashrc").write_text(text)
    with pytest.raises(AssertionError) as failed:
        assert_variables(Here(tmp_path), survey, "an interactive bash", wanted, unset)
    assert str(failed.value).replace("~", str(tmp_path)) == words.format(home=tmp_path)


@pytest.mark.parametrize(
    ("text", "there", "words"),
    [
        ("export PATH={folder}:/usr/bin", True, None),
        ("export PATH=/usr/bin", True, "no it's in an interactive bash, and one stands in {folder}: {home}/.bashrc:1 sets PATH without "
         "{folder}: add it there"),
        ("", True, "no it's in an interactive bash, and one stands in {folder}: PATH is without {folder} there"),
        ("export PATH={folder}:/usr/bin", False, "no it's in an interactive bash, and none stands in {folder}"),
        ("exit 3", True, "an interactive bash ends at {home}/.bashrc:1, before it can run a command: `exit` ends it; "
         "take that away there"),
    ],
)  # fmt: skip
def test_a_program_that_a_shell_does_not_find_is_told_with_who_takes_its_folder_away(
    tmp_path: Path, survey, text: str, there: bool, words: str | None
) -> None:
    folder = tmp_path / "tools"
    folder.mkdir()
    program = folder / "it's"
    program.touch(0o755 if there else 0o644)
    (tmp_path / ".bashrc").write_text(text.format(folder=folder))
    said = ""
    try:
        assert_finds(Here(tmp_path), survey, "an interactive bash", "it's", str(folder))
    except AssertionError as failed:
        said = str(failed)
    assert said.replace("~", str(tmp_path)) == (words or "").format(folder=folder, home=tmp_path)


def test_a_shell_that_says_nothing_at_all_ends_before_it_runs_a_command(tmp_path: Path, survey) -> None:
    class Mute:
        def run(self, _command: str) -> Here:
            return Here(tmp_path)

    assert digest_of_all(Mute(), "a login sh", ("V",)) == ""
    for prove in (
        lambda: assert_variables(Mute(), survey, "a login sh", {"V": "1"}),
        lambda: assert_finds(Mute(), survey, "a login sh", "uv", "/usr/local/bin"),
    ):
        with pytest.raises(AssertionError) as failed:
            prove()
        assert str(failed.value) == "a login sh ends while it reads its start-up files, before it can run a command"
