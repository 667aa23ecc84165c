from __future__ import annotations

import pytest
from pydantic import SecretStr

from gpustrap import content
from gpustrap.engine import gateway, templates
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


def test_without_a_token_there_is_no_file_for_curl_and_the_configuration_is_roots_alone():
    configuration, ask = gateway.gateway_files(Gateway(8080, (Route("/", "web", 8001),)))
    assert (configuration.octal, ask.content) == ("600", None)


def test_a_dot_in_a_token_stands_for_itself(monkeypatch):
    configuration, ask = gateway.gateway_files(chosen(monkeypatch, "0123456789abc.def"))
    assert b"[Bb]earer 0123456789abc\\.def$" in configuration.data
    assert b"0123456789abc.def" in ask.data


def test_the_pid_file_is_named_for_the_configuration(monkeypatch):
    one = chosen(monkeypatch, "0123456789abcdef")
    (configuration, _), identity = gateway.gateway_files(one), gateway.configuration_identity(one)
    assert f"pid /run/gpustrap-gateway/{identity}.pid;" in configuration.data.decode()


def test_another_token_is_another_identity(monkeypatch):
    seen = {gateway.configuration_identity(chosen(monkeypatch, one * 16)) for one in "ab"}
    assert len(seen) == 2
