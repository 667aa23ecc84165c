"""Labels and their values; whole pastes are in test_paste.py."""

from __future__ import annotations

import pytest

from gpustrap.inventory.paste_fields import labelled_words, password_in


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["Host: h"], ["h"]),
        (["server h.example"], ["h.example"]),
        (["host key verification failed"], []),
        (["Port: 9"], []),
        (["地址：h.example:77", "账号：root"], ["-p", "77", "root@h.example"]),
    ],
)
def test_a_host_has_to_be_named(lines, words):
    assert labelled_words(lines) == words


@pytest.mark.parametrize(
    ("line", "password"),
    [
        ("密码：abc", "abc"),
        ("password required", None),
        ("root密码 abc1", "abc1"),
        ("口令: ****", None),
        ("password: x y", "x"),
        ("ssh -p 9 root@h (password: abc)", "abc"),
        ("登录（密码：abc）", "abc"),
        ("password: ab(c)", "ab(c)"),
        ("请登录，初始密码为 Abc#123", "Abc#123"),
        ("密码是必填项", None),
        ("password is required", None),
    ],
)
def test_a_password_is_what_is_called_one(line, password):
    assert password_in("", [line], [line], (0, 0)) == password
