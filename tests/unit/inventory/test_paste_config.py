"""Blocks of ssh_config; whole pastes are in test_paste.py."""

from __future__ import annotations

import pytest

from gpustrap.inventory.paste_config import blocks_as_ssh


@pytest.mark.parametrize(
    "lines", [[], ["Host h"], ["Host: h.example", "Port: 9"], ["Host *", "User me"], ["Host h", "sentence goes on"]]
)
def test_what_is_no_block_gives_no_command(lines):
    assert blocks_as_ssh(lines) == ([], ())


def test_of_two_values_the_first_counts_as_in_ssh():
    assert blocks_as_ssh(["Host h", "Port 1", "Port 2", "LogLevel INFO"]) == (["ssh -p 1 h"], ("LogLevel",))
