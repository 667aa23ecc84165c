"""The key of this connection is never taken away: where only our block lets it in, it gets a line of its own first."""

from __future__ import annotations

import pytest

from gpustrap.engine.operations.access import would_lock_out

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"
OTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC"
BLOCK = f"# gpustrap access begin\n{KEY} me\n# gpustrap access end\n"


@pytest.mark.parametrize(
    ("text", "keys", "locked"),
    [
        (BLOCK, [], True),
        (BLOCK, [OTHER], True),
        (f"{OTHER}\n{BLOCK}# {KEY}\n", [], True),
        (BLOCK.replace(" begin", " begin (newline added)"), [], True),
        (BLOCK, [f"{KEY} renamed"], False),
        (f'{BLOCK}from="10.0.0.1" {KEY}\n', [], False),
        (f"{KEY}\n{BLOCK}", [OTHER], False),
        (BLOCK.replace(KEY, OTHER), [], False),
        ("", [], False),
    ],
)
def test_only_where_the_block_alone_lets_it_in_something_is_to_be_done(text, keys, locked):
    assert would_lock_out(text, KEY, keys) is locked
