from __future__ import annotations

import pytest
from pydantic import SecretStr

from gpustrap import content
from gpustrap.engine import gateway, templates
from gpustrap.errors import InstanceFailed
from gpustrap.inventory.secrets import Secret
from gpustrap.resolve.gateway import Gateway, Route


@pytest.fixture(autouse=True)
def builtin():
    templates.use_project(content.builtin_root())


def chosen(monkeypatch, token):
    monkeypatch.setattr(gateway, "revealed", lambda _secret: SecretStr(token))
    return Gateway(8080, (Route("/", "web", 8001),), Secret(env="T"))


def test_both_files_are_secrets(monkeypatch):
    files = gateway.gateway_files(chosen(monkeypatch, "0123456789abcdef"))
    assert [(file.octal, isinstance(file.content, SecretStr)) for file in files] == [("600", True)] * 2


def test_another_token_is_another_identity(monkeypatch):
    seen = {gateway.configuration_identity(chosen(monkeypatch, one * 16)) for one in "ab"}
    assert len(seen) == 2


@pytest.mark.parametrize("token", ["short", 'quote"0123456789abc', "a" * 257, "blank 0123456789abcdef"])
def test_a_token_that_no_link_could_hold_is_refused_and_not_repeated(monkeypatch, token):
    with pytest.raises(InstanceFailed, match="16 to 256 letters") as refused:
        gateway.token_of(chosen(monkeypatch, token))
    assert token not in str(refused.value)
