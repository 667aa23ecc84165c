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
    assert boot.boot_ways(provider) == ways
