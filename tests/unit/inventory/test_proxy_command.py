"""A ProxyCommand that cannot run is found before ssh says that the connection was closed."""

from __future__ import annotations

import pytest

from gpustrap.inventory import proxy_command


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        ("no-such-nc -x p:1 %h %p", "no-such-nc"),
        ("exec no-such-nc '%h", "no-such-nc"),
        ("~/no-such/nc %h", "~/no-such/nc"),
        ("sh -c true", ""),
        ("none", ""),
        ("%d/nc %h", ""),
        ("$TOOL %h", ""),
        ("", ""),
    ],
)
def test_the_program_that_is_not_there_is_named(monkeypatch, command: str, missing: str) -> None:
    monkeypatch.setattr(proxy_command, "settings_for", lambda _host: {"proxycommand": command} if command else {})
    assert proxy_command.missing_program("host") == missing
