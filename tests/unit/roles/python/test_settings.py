"""What a person reads who wrote a bad value for the role `python`, and what stands where nothing is written."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{source: pip}", "4: python.source: expected auto, instance or laptop, got 'pip'"),
    ],
)
def test_a_bad_value_is_named_by_line_and_key(refusal, text: str, message: str) -> None:
    assert refusal("python", text) == message.splitlines()


@pytest.mark.parametrize("text", ["{source: instance}", "{source: laptop}"])
def test_good_values_are_taken(load, text: str) -> None:
    assert load("python", text)


def test_nothing_written_lets_the_instance_decide(load) -> None:
    assert load("python", "{}").source == "auto"
