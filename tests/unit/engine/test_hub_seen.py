from __future__ import annotations


def test_fields_are_bounded_and_cannot_steer_a_terminal() -> None:
    from gpustrap.engine.hub_seen import MOST_FIELDS, fields_of

    told = {f"key{at}": "x\x1b[2J" * 200 for at in range(50)}
    fields = fields_of(told)
    assert len(fields) == MOST_FIELDS
    assert all(len(value) <= 300 and "\x1b" not in value for value in fields.values())
