"""Lines of other programs; whole pastes are in test_paste.py."""

from __future__ import annotations

import pytest

from gpustrap.inventory.paste_programs import as_ssh, no_login


@pytest.mark.parametrize(
    "line",
    [
        "",
        "ssh -p 9 root@h",
        "ssh -p 9 root@h scp a b:c",
        "scp a b",
        "rsync --help",
        "put it there by scp or rsync",
        "scp 'unclosed",
        "my-scp root@h:/x",
    ],
)
def test_what_is_none_of_them_is_left_as_it_is(line):
    assert as_ssh(line) == (line, "")


@pytest.mark.parametrize(
    ("line", "program"), [("$ ssh-add -l", "ssh-add"), ("ssh-keygen", "ssh-keygen"), ("ssh root@ssh-add.example", "")]
)
def test_what_logs_in_nowhere_is_known(line, program):
    assert no_login(line) == program
