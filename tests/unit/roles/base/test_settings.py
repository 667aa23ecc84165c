"""What a person reads who wrote a bad value for the role `base`, and what stands where nothing is written."""

from __future__ import annotations

import pytest

PACKAGE = "expected the name of a package: at least two lower case letters, digits, +, . and -"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{packages: git}", "4: base.packages: expected a list, got 'git'"),
        ("{packages: [Git]}", f"4: base.packages.0: {PACKAGE}, got 'Git'"),
        ("{extra: ['-y', 'a b']}", f"4: base.extra.0: {PACKAGE}, got '-y'\n4: base.extra.1: {PACKAGE}, got 'a b'"),
        ("{package: []}", "4: base.package: unknown key; nearest: 'packages'"),
    ],
)
def test_a_bad_value_is_named_by_line_and_key(refusal, text: str, message: str) -> None:
    assert refusal("base", text) == message.splitlines()


@pytest.mark.parametrize("text", ["{packages: [g++, libstdc++6, python3.11]}"])
def test_good_values_are_taken(load, text: str) -> None:
    assert load("base", text)


def test_nothing_written_gives_what_the_other_roles_count_on(load) -> None:
    settings = load("base", "{}")
    assert settings.packages == ("ca-certificates", "curl", "git", "iproute2", "tmux")
    assert settings.extra == ()
