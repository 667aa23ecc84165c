from __future__ import annotations

import pytest


def test_fields_are_bounded_and_cannot_steer_a_terminal() -> None:
    from gpustrap.engine.hub_seen import MOST_FIELDS, fields_of

    told = {f"key{at}" + "y" * 30: "x\x1b[2J" * 200 for at in range(50)}
    fields = fields_of(told)
    assert len(fields) == MOST_FIELDS
    assert all(len(key) == 20 and len(value) == 300 and "\x1b" not in value for key, value in fields.items())


def test_what_an_instance_says_of_a_revision_is_read_whole() -> None:
    from gpustrap.engine.hub_seen import Snapshot, read

    said = {
        "state": "lacking", "commit": "c" * 99, "newest": "n\x1b" * 50, "files": "3", "bytes": 9.0,
        "trouble": ["gated\n" * 9, {"repo": "a/b"}], "definite": True,
    }  # fmt: skip
    assert read(said) == Snapshot("lacking", "c" * 40, "n" * 40, 3, 9, ("gated" * 9)[:20], {"repo": "a/b"}, True)
    assert read({"state": "unknown", "definite": 1, "trouble": None}) == Snapshot()


def test_a_state_that_no_program_of_ours_says_is_told_in_part() -> None:
    from gpustrap.engine.hub_seen import read

    with pytest.raises(ValueError) as refused:
        read({"state": "x" * 99})
    assert str(refused.value) == f"'{'x' * 39}"
