from __future__ import annotations

from dataclasses import replace

import pytest

from gpustrap.resolve.box.configuration import Configuration
from gpustrap.resolve.box.shells import reads_for_commands, shells_of


@pytest.mark.parametrize(
    ("shell", "tools", "rc_files", "wrapped", "fish"),
    [
        ("/bin/bash", (), (), (".bashrc",), False),
        ("/bin/bash", (), (".profile", ".bash_profile"), (".bashrc", ".bash_profile", ".profile"), False),
        ("/bin/bash", ("zsh",), (".zshrc",), (".bashrc", ".zshenv", ".zshrc"), False),
        ("/bin/bash", (), (".zshrc",), (".bashrc",), False),
        ("/usr/bin/zsh", (), (), (".bashrc", ".zshenv"), False),
        ("/usr/bin/fish", (), (), (".bashrc",), True),
        ("/bin/bash", ("fish",), (), (".bashrc",), True),
    ],
)
def test_each_shell_that_is_there_reads_ours(survey, shell, tools, rc_files, wrapped, fish) -> None:
    box = replace(
        survey, shell=shell, tools=dict.fromkeys(tools, "/usr/bin/x"), configuration=Configuration(rc_files=rc_files)
    )
    found = shells_of(box)
    assert (found.home, found.wrapped, found.fish, found.sudo) == (survey.home, wrapped, fish, False)


@pytest.mark.parametrize(
    ("shell", "reads"),
    [("/bin/bash", True), ("/usr/bin/zsh", True), ("/usr/bin/fish", True), ("", True), ("/bin/dash", False),
     ("/bin/sh", False), ("/usr/bin/ksh", False)],
)  # fmt: skip
def test_a_shell_that_reads_no_file_for_ssh_commands_is_said(survey, shell, reads) -> None:
    box = replace(survey, shell=shell)
    name = shell.rpartition("/")[2]
    said = f"`ssh HOST COMMAND` is run by {name}, which reads no file first: of the variables it gets those that PAM reads from /etc/environment, login shells get all"
    assert (reads_for_commands(box), shells_of(box).unread) == (reads, () if reads else (said,))
