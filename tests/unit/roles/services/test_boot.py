from __future__ import annotations

from types import SimpleNamespace

import pytest

from roles.services import boot


@pytest.mark.parametrize(
    ("provider", "ways"), [("vast", ("login", "onstart")), ("plain", ("login",)), ("nobody", ("login",))]
)
def test_services_come_back_by_what_the_provider_runs_and_by_a_login(
    provider: str, ways: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = (SimpleNamespace(name="vast", boot="onstart"), SimpleNamespace(name="plain", boot=None))
    monkeypatch.setattr(boot, "load_providers", lambda: rows)
    assert boot.boot_ways(provider) == boot.boot_ways(provider, "/bin/bash") == ways


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_a_login_shell_that_reads_no_profile_has_a_way_of_its_own(shell: str) -> None:
    assert boot.boot_ways("nobody", f"/usr/bin/{shell}") == ("login", shell)
