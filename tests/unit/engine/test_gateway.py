from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from pydantic import SecretStr

from gpustrap import content
from gpustrap.engine import gateway, templates
from gpustrap.errors import InstanceFailed
from gpustrap.inventory.masking import masked
from gpustrap.inventory.secrets import Secret
from gpustrap.laptop.certificates import own_certificate
from gpustrap.resolve.gateway import CERTIFICATE, KEY, Gateway, GivenCertificate, OwnCertificate, Route


@pytest.fixture(autouse=True)
def builtin():
    templates.use_project(content.builtin_root())
    gateway._read.cache_clear()


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
    assert f"pid /run/gpustrap-gateway/{identity}.pid;\n" in configuration.data.decode()


def test_a_given_certificate_is_sent_with_its_key_and_another_is_another_identity(monkeypatch, tmp_path):
    monkeypatch.setenv("GPUSTRAP_HOME", str(tmp_path))
    seen = set()
    for owner in ("one", "other"):
        own = own_certificate(owner, ["a.org"])
        (tmp_path / "chain.pem").write_text(own.chain)
        monkeypatch.setattr(gateway, "revealed", lambda _secret, own=own: own.key)
        gateway._read.cache_clear()  # as another run
        tls = GivenCertificate(tmp_path / "chain.pem", Secret(env="K"))
        given = Gateway(8443, (Route("/", "web", 8001),), tls=tls)
        chain, key = gateway.certificate_files(given)
        assert (chain.dest, chain.content, chain.octal) == (CERTIFICATE, own.chain, "644")
        assert (key.dest, key.content, key.octal) == (KEY, own.key, "600")
        lines = {line.strip() for line in gateway.gateway_files(given)[0].text.splitlines()}
        assert {f"# {own.digest}", f"ssl_certificate {CERTIFICATE};", f"ssl_certificate_key {KEY};"} <= lines
        assert gateway.certificate_title(given) == f"certificate SHA-256 {own.fingerprint}"
        seen.add(gateway.configuration_identity(given))
    assert len(seen) == 2


def test_the_key_that_gpustrap_has_made_is_masked_as_the_secrets_of_a_person_are(monkeypatch, tmp_path):
    monkeypatch.setenv("GPUSTRAP_HOME", str(tmp_path))
    own = Gateway(8443, (Route("/", "web", 8001),), tls=OwnCertificate("me", ("a.org",)))
    chain, key = gateway.certificate_files(own)
    assert masked(f"a {key.text} b") == "a *** b" and masked(chain.text) == chain.text
    monkeypatch.setattr(gateway, "own_certificate", lambda *_: pytest.fail("once a run"))
    assert gateway.certificate_files(own) == [chain, key]


def test_without_a_certificate_its_files_are_not_to_be():
    http = Gateway(8080, (Route("/", "web", 8001),))
    assert [(file.dest, file.content) for file in gateway.certificate_files(http)] == [(CERTIFICATE, None), (KEY, None)]
    assert gateway.certificate_title(http) == "certificate"
    assert "ssl_" not in gateway.gateway_files(http)[0].text


def with_a_passphrase(key):
    plain = load_pem_private_key(key.get_secret_value().encode(), None)
    return plain.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"pw")).decode()


NO_KEY = (
    "the key of the gateway's certificate is no PEM key, or has a passphrase\n"
    "hint: `openssl pkey -in KEY -out PLAIN` takes a passphrase away"
)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda key: key.get_secret_value(), "the key is not that of the gateway's certificate {chain}"),
        (lambda _key: "no key", NO_KEY),
        (with_a_passphrase, NO_KEY),
    ],
    ids=["another", "none", "passphrase"],
)
def test_a_key_that_is_not_the_certificates_is_refused(monkeypatch, tmp_path, spoil, said):
    monkeypatch.setenv("GPUSTRAP_HOME", str(tmp_path))
    chain = tmp_path / "chain.pem"
    chain.write_text(own_certificate("one", ["a.org"]).chain)
    other = SecretStr(spoil(own_certificate("other", ["a.org"]).key))
    monkeypatch.setattr(gateway, "revealed", lambda _secret: other)
    given = Gateway(8443, (Route("/", "web", 8001),), tls=GivenCertificate(chain, Secret(env="K")))
    with pytest.raises(InstanceFailed) as failed:
        gateway.gateway_files(given)
    assert str(failed.value) == said.format(chain=chain)


def test_another_token_is_another_identity(monkeypatch):
    seen = {gateway.configuration_identity(chosen(monkeypatch, one * 16)) for one in "ab"}
    assert len(seen) == 2
