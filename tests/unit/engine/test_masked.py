"""A password that a library logs."""

from __future__ import annotations

from gpustrap.engine.masked import Masked


def test_a_password_is_itself_and_is_logged_by_nobody() -> None:
    secret = Masked("canary")
    assert (secret, repr(secret), f"{[secret]}") == ("canary", "'***'", "['***']")
