"""Real bash, with start-up files of a home of the test's; the machine's own /etc files are read too."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from gpustrap.engine.scripts import script
from gpustrap.engine.shell_trace import Traced, read, traced


@dataclass
class Here:
    home: Path
    stdout: str = ""

    def run(self, command: str) -> Here:
        env = {"HOME": str(self.home), "PATH": os.environ["PATH"]}
        done = subprocess.run(["sh", "-c", command], env=env, text=True, capture_output=True, timeout=30)
        assert done.stderr == ""
        return Here(self.home, done.stdout)


def of(home: Path, survey, files: dict[str, str], kind: str, names: tuple[str, ...] = ("V",)) -> Traced:
    for name, text in files.items():
        (home / name).write_text(text)
    told = traced(Here(home), survey, kind, names, "/usr/local/bin")

    def short(places: dict[str, str]) -> dict[str, str]:
        return {name: place.replace(f"{home}/", "~/") for name, place in places.items()}

    return Traced(short(dict(told.sets)), short(dict(told.fixed)), told.ends.replace(f"{home}/", "~/"))


@pytest.mark.parametrize("kind", ["an ssh command", "an interactive bash"])
@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({".bashrc": "export V=1\n"}, "~/.bashrc:1"),
        ({".bashrc": "V=1\nexport V\nV=2\n"}, "~/.bashrc:3"),
        ({".bashrc": "export A=1 V='a b'\n"}, "~/.bashrc:1"),
        ({".bashrc": 'eval "export V=1"\n'}, "~/.bashrc:1"),
        ({".bashrc": "declare -x V=1\n"}, "~/.bashrc:1"),
        ({".bashrc": "# V=0\n. ~/.site\n", ".site": "\nexport V=secret\n"}, "~/.site:2"),
        ({".bashrc": "set -a; source ~/.env; set +a\n", ".env": "V=1\n"}, "~/.env:1"),
        ({".bashrc": "unset V\n"}, "~/.bashrc:1"),
        ({".bashrc": "give() {\n export V=1\n}\ngive\n"}, "~/.bashrc:2"),
    ],
)
def test_the_line_that_sets_a_variable_last_is_told(tmp_path, survey, kind, files, place) -> None:
    assert of(tmp_path, survey, files, kind).sets == {"V": place}


@pytest.mark.parametrize(
    ("kind", "files", "place"),
    [
        ("a login shell", {".profile": "export V=1\n"}, "~/.profile:1"),
        ("a login shell", {".profile": "export V=1\n", ".bash_profile": "export V=2\n"}, "~/.bash_profile:1"),
        ("a login sh", {".profile": "export V=1\n", ".bash_profile": "export V=2\n"}, "~/.profile:1"),
    ],
)
def test_each_kind_reads_its_own_files(tmp_path, survey, kind, files, place) -> None:
    assert of(tmp_path, survey, files, kind).sets == {"V": place}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("PATH=/usr/bin:/bin\n", "~/.bashrc:1"),
        ("PATH=/usr/local/bin:/bin\nPATH=/bin\nPATH=$PATH:/opt\n", "~/.bashrc:2"),
        ("PATH=/bin\nPATH=$PATH:/usr/local/bin\n", None),
        ("export PATH=/opt/bin:$PATH\n", None),
    ],
)
def test_of_path_the_line_that_takes_the_folder_away_is_told(tmp_path, survey, text, place) -> None:
    found = of(tmp_path, survey, {".bashrc": f"PATH=/usr/local/bin:$PATH\n{text}".replace("PATH=/usr/local/bin:$PATH\n", "", 1)},
               "an ssh command", ("PATH",)).sets  # fmt: skip
    assert found.get("PATH") == place


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({".bashrc": "true\n"}, ""),
        ({".bashrc": "return 3\n"}, ""),
        ({".bashrc": "true\nexit 0\n"}, "at ~/.bashrc:2, before it can run a command: `exit` ends it; take that away there"),
        ({".bashrc": "kill -9 $$\n"}, "at ~/.bashrc:1, before it can run a command: what stands there ends it; take that away there"),
        ({".bashrc": "exec true\n"},
         "at ~/.bashrc:1, before it can run a command: `exec` puts another program in its place; take that away there"),
        ({".bashrc": ". ~/.site\ntest -d /nowhere\n", ".site": "set -euo pipefail\n"},
         "at ~/.bashrc:2, before it can run a command: a command fails there, and ~/.site:1 says `set -e`; take that away there"),
        ({".bashrc": "set -u\n[ -z \"$NOWHERE\" ] && true\n"},
         "at ~/.bashrc:2, before it can run a command: a variable is read there that is not set, and ~/.bashrc:1 says "
         "`set -u`; take that away there"),
    ],
)  # fmt: skip
def test_where_and_why_a_shell_ends_is_told(tmp_path, survey, files, sentence) -> None:
    ends = of(tmp_path, survey, files, "an ssh command").ends
    assert ends == (f"an ssh command ends {sentence}" if sentence else "")


def test_a_file_that_the_shell_cannot_read_is_told(tmp_path, survey) -> None:
    crlf = 'if [ "$V" ]; then\r\n  V=1\r\nfi\r\n'
    assert of(tmp_path, survey, {".profile": crlf}, "a login sh").ends == (
        "a login sh ends at ~/.profile:4, before it can run a command: the shell cannot read what stands there, as with "
        "line ends of Windows; take that away there"
    )


def test_a_variable_that_is_readonly_is_told(tmp_path, survey) -> None:
    assert of(tmp_path, survey, {".bashrc": "readonly V=1\n"}, "an ssh command").fixed == {"V": "~/.bashrc:1"}
    assert of(tmp_path, survey, {".bashrc": "V=1\ndeclare -r V\n"}, "an ssh command").fixed == {"V": "~/.bashrc:2"}


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not here")
def test_zsh_tells_its_file(tmp_path, survey) -> None:
    told = of(tmp_path, replace(survey, shell="/bin/zsh"), {".zshrc": "export V=1\n"}, "an interactive zsh")
    assert told.sets == {"V": "~/.zshrc:1"}


def test_no_value_leaves_the_box(tmp_path) -> None:
    (tmp_path / ".bashrc").write_text("export V=canary\nset -e\necho canary\nfalse canary\n")
    answer = Here(tmp_path).run(script("shell-trace", start="interactive", names="V", folder=""))
    assert "gpustrap-trace set V" in answer.stdout and "canary" not in answer.stdout


def test_ours_are_not_among_those_who_set() -> None:
    said = "gpustrap-trace set V /etc/profile.d/gpustrap-network.sh:3\ngpustrap-trace set W /root/my file:2\nnoise\n"
    assert read(said, "a service") == Traced({"W": "/root/my file:2"}, {}, "")


def test_nothing_is_asked_while_the_questions_are_only_heard(survey) -> None:
    host = type("Host", (), {"backend": type("Backend", (), {"rehearsing": True})})
    assert traced(host, survey, "fish", ("V",)) == Traced()


@pytest.mark.parametrize(
    ("kind", "shell", "starts"),
    [
        ("an ssh command", "/bin/bash", "command"), ("an ssh command", "/usr/bin/zsh", "zsh"), ("an ssh command", "/usr/bin/fish", "fish"),
        ("a login shell", "/usr/bin/zsh", "login"), ("an interactive bash", "/bin/sh", "interactive"), ("a login sh", "/bin/sh", "posix"),
        ("an interactive zsh", "/bin/bash", "zsh-interactive"), ("fish", "/bin/bash", "fish"), ("a service", "/bin/bash", "service"),
    ],
)  # fmt: skip
def test_each_kind_is_traced_as_it_is_started(tmp_path, survey, kind, shell, starts) -> None:
    asked: list[str] = []

    class Box:
        def run(self, command: str) -> Here:
            asked.append(command)
            return Here(tmp_path)

    assert traced(Box(), replace(survey, shell=shell), kind, ("V", "W"), "/x") == Traced()
    assert asked == [script("shell-trace", start=starts, names="V W", folder="/x")]


@pytest.mark.parametrize(
    ("said", "ends"),
    [
        ("ends exit /f:2", "`exit` ends it"), ("ends logout /f:2", "`logout` ends it"),
        ("ends exec /f:2", "`exec` puts another program in its place"),
        ("ends syntax /f:2", "the shell cannot read what stands there, as with line ends of Windows"),
        ("ends other /f:2", "what stands there ends it"),
        ("option -e /my file:1\ngpustrap-trace ends other /f:2", "a command fails there, and /my file:1 says `set -e`"),
        ("option -e /e:1\ngpustrap-trace option -u /u:1\ngpustrap-trace ends other /f:2",
         "a variable is read there that is not set, and /u:1 says `set -u`"),
        ("option -e /e:1", None),
    ],
)  # fmt: skip
def test_what_a_trace_says_is_read_each_by_its_own_word(said: str, ends: str | None) -> None:
    lines = f"gpustrap-trace set V /a:1\ngpustrap-trace fixed W /b:2\ngpustrap-trace {said}\n"
    whole = f"fish ends at /f:2, before it can run a command: {ends}; take that away there" if ends else ""
    assert read(lines, "fish") == Traced({"V": "/a:1"}, {"W": "/b:2"}, whole)
