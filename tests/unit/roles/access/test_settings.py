from __future__ import annotations

import pytest

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{keys: x}", "4: access.keys: expected a list, got 'x'"),
        ("{keys: [ssh-rsa]}", "4: access.keys.0: expected the line of a .pub file, such as `ssh-ed25519 AAAA… name`"),
        ("{key: []}", "4: access.key: unknown key; nearest: 'keys'"),
    ],
)
def test_a_bad_value_is_named_by_line_and_key(refusal, text: str, message: str) -> None:
    (said,) = refusal("access", text)
    assert said.startswith(message)


def test_a_private_key_is_refused_and_not_shown(refusal) -> None:
    said = refusal(
        "access", "{keys: ['-----BEGIN OPENSSH PRIVATE KEY----- b3BlbnNzaC1rZXk']}"
    )  # pragma: allowlist secret
    assert "this is a private key" in said[0] and "b3Blb" not in "".join(said)


def test_a_key_is_taken_and_none_is_what_stands_where_nothing_is_written(load) -> None:
    assert load("access", f"{{keys: ['{KEY} me']}}").keys == (f"{KEY} me",)


def test_nothing_is_let_in_unasked(load) -> None:
    assert load("access", "{}").keys == ()
