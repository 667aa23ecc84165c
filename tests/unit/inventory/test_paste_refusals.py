"""What reads like a command and is none; whole pastes are in test_paste.py."""

from __future__ import annotations

import pytest

from gpustrap.inventory.paste_refusals import refusal, web_address


@pytest.mark.parametrize(
    "line",
    [
        "ssh -p 9 root@your-box.example",
        "<code>ssh -p 9 root@h</code>",
        "<ssh -p 9 root@h>",
        "ssh -o 'ProxyCommand=nc %h %p' root@h",
        "ssh -i ~/.ssh/id root@h",
        "ssh -i %d/.ssh/id root@h",
        "me@mac ~/work % ssh root@h",
        "connect by ssh root@h ...",
        "ssh://root@h:22/",
    ],
)
def test_what_is_a_command_is_not_refused(line):
    assert refusal(line) is None


@pytest.mark.parametrize(("text", "is_one"), [("https://h.example/x ", True), ("curl https://h.example", False)])
def test_only_an_address_alone_is_called_one(text, is_one):
    assert (web_address(text) is not None) is is_one
