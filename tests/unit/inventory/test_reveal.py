from __future__ import annotations

import pytest
from pydantic import BaseModel

from gpustrap.inventory.masking import masked
from gpustrap.inventory.reveal import revealed, unread
from gpustrap.inventory.secrets import Secret


@pytest.fixture(autouse=True)
def fresh():
    revealed.cache_clear()
    yield
    revealed.cache_clear()


class Inner(BaseModel):
    token: Secret | None = None


class Settings(BaseModel):
    inner: Inner = Inner()
    env: dict[str, str | Secret] = {}
    tokens: tuple[Secret, ...] = ()


def test_a_secret_is_read_once(tmp_path):
    asked = tmp_path / "asked"
    secret = Secret(command=("sh", "-c", f"echo x >>{asked}; echo canary"))
    assert revealed(secret).get_secret_value() == revealed(secret).get_secret_value() == "canary"
    assert asked.read_text() == "x\n"


@pytest.mark.parametrize(
    "settings",
    [
        Secret(env="CANARY"),
        Settings(inner=Inner(token=Secret(env="CANARY"))),
        Settings(env={"A": "text", "B": Secret(env="CANARY")}),
        Settings(tokens=(Secret(env="CANARY"),)),
        [None, "text", {"deep": [Secret(env="CANARY")]}],
    ],
)
def test_secrets_are_found_at_any_depth_and_masked_from_then_on(settings, monkeypatch):
    monkeypatch.setenv("CANARY", "canary-10")
    assert unread([settings]) == []
    assert masked("canary-10") == "***"


def test_all_that_cannot_be_read_are_told_with_their_place(monkeypatch):
    monkeypatch.delenv("CANARY", raising=False)
    settings = Settings(inner=Inner(token=Secret(env="CANARY")), tokens=(Secret(file="/no/such"),))
    assert [(path, fault.message) for path, fault in unread({"web": settings})] == [
        (("web", "inner", "token"), "environment variable CANARY is not set"),
        (("web", "tokens", 0), "secret file /no/such cannot be read: no such file or directory"),
    ]
