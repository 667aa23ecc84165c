from __future__ import annotations

import hashlib
import ssl
import threading
from datetime import timedelta

import pytest
from pydantic import SecretStr

from gpustrap.laptop import certificates
from gpustrap.laptop.certificates import Certificate, own_certificate

NAMES = ("127.0.0.1", "api.example.org")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("GPUSTRAP_HOME", str(tmp_path))
    return tmp_path


def files(home):
    return sorted(path for path in (home / "certificates").iterdir() if path.suffix == ".pem")


def test_it_is_made_once_for_these_names_and_is_its_owners_alone(home):
    made = own_certificate("trainer", NAMES)
    assert own_certificate("trainer", NAMES) == made
    assert made.fits()
    (file,) = files(home)
    assert [oct(path.stat().st_mode & 0o777) for path in (file, file.parent)] == ["0o600", "0o700"]


@pytest.mark.parametrize(("owner", "names"), [("other", NAMES), ("trainer", NAMES[:1])])
def test_another_owner_or_name_has_another(owner, names):
    assert own_certificate("trainer", NAMES).digest != own_certificate(owner, names).digest


def test_one_that_ends_soon_or_was_broken_is_made_anew(home, monkeypatch):
    monkeypatch.setattr(certificates, "VALID", timedelta(days=29))
    short = own_certificate("trainer", NAMES)
    monkeypatch.undo()
    monkeypatch.setenv("GPUSTRAP_HOME", str(home))
    longer = own_certificate("trainer", NAMES)
    assert longer.fingerprint != short.fingerprint
    (file,) = files(home)
    file.write_text(file.read_text()[:300])
    assert own_certificate("trainer", NAMES).fits()


def test_a_client_that_trusts_it_speaks_to_it_by_its_names(tmp_path):
    """OpenSSL's own judgement, as Python's ssl has it."""
    made = own_certificate("trainer", NAMES)
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_text(made.chain)
    key.write_text(made.key.get_secret_value())
    there = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    there.load_cert_chain(chain, key)
    for name, fits in [*((name, True) for name in NAMES), ("other.example.org", False)]:
        assert handshakes(there, ssl.create_default_context(cafile=str(chain)), name) == fits
    shown = hashlib.sha256(ssl.PEM_cert_to_DER_cert(made.chain)).digest()
    assert made.fingerprint == shown.hex(":").upper() and len(made.fingerprint) == 95


def handshakes(there, here, name):
    import socket

    server, client = socket.socketpair()

    def serve():
        try:
            with there.wrap_socket(server, server_side=True) as peer:
                peer.recv(1)
        except OSError:
            server.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with here.wrap_socket(client, server_hostname=name) as mine:
            mine.send(b"x")
        return True
    except ssl.SSLCertVerificationError:
        return False
    finally:
        client.close()
        thread.join(10)


def test_another_key_does_not_fit():
    one, other = own_certificate("one", NAMES), own_certificate("other", NAMES)
    assert not Certificate(one.chain, other.key).fits()
    with pytest.raises(ValueError):
        Certificate(one.chain, SecretStr("no key")).fits()
