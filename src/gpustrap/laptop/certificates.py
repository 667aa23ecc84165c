"""Certificates that gpustrap makes for its own gateways, kept on the laptop: a reset box gets the same one again."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from gpustrap.laptop.atomic import write_atomically
from gpustrap.laptop.locks import locked
from gpustrap.laptop.paths import home

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

VALID = timedelta(days=825)  # Apple's systems trust none for longer, whoever has signed it
RENEW = timedelta(days=30)  # before its end


@dataclass(frozen=True)
class Certificate:
    """`chain` is PEM, the server's own first; `key` is PEM without a passphrase."""

    chain: str
    key: SecretStr

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the server's own, as browsers show it: `3F:2A:…`."""
        from cryptography import x509
        from cryptography.hazmat.primitives.hashes import SHA256

        return x509.load_pem_x509_certificate(self.chain.encode()).fingerprint(SHA256()).hex(":").upper()

    @property
    def digest(self) -> str:
        """Changes with the chain and with the key."""
        return hashlib.sha256(f"{self.chain}\n{self.key.get_secret_value()}".encode()).hexdigest()

    def fits(self) -> bool:
        """Whether the key is the certificate's. Raises ValueError or TypeError for what is neither."""
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

        form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        key = load_pem_private_key(self.key.get_secret_value().encode(), None).public_key()
        there = x509.load_pem_x509_certificate(self.chain.encode()).public_key()
        return key.public_bytes(*form) == there.public_bytes(*form)


def own_certificate(owner: str, names: Sequence[str]) -> Certificate:
    """The one for these names and addresses; made where there is none, or where it ends within 30 days.

    Key and certificate are one file of 0600. Raises OSError.
    """
    told = hashlib.sha256("\n".join([owner, *names]).encode()).hexdigest()[:16]
    path = home() / "certificates" / f"{told}.pem"
    with locked(path.with_suffix(".lock")):
        return _kept(path) or _made(path, owner, names)


def _kept(path: Path) -> Certificate | None:
    from cryptography import x509

    with suppress(OSError, ValueError, TypeError):
        key, mark, chain = path.read_text(encoding="ascii").partition("-----BEGIN CERTIFICATE-----")
        found = Certificate(mark + chain, SecretStr(key))
        ends = x509.load_pem_x509_certificate(found.chain.encode()).not_valid_after_utc
        if found.fits() and datetime.now(UTC) < ends - RENEW:
            return found
    return None


def _made(path: Path, owner: str, names: Sequence[str]) -> Certificate:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = ec.generate_private_key(ec.SECP256R1())
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    chain = _signed(key, owner, names).public_bytes(Encoding.PEM).decode()
    write_atomically(path, secret + chain)
    return Certificate(chain, SecretStr(secret))


def _signed(key: ec.EllipticCurvePrivateKey, owner: str, names: Sequence[str]) -> x509.Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509.oid import ExtendedKeyUsageOID

    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"gpustrap {owner}"[:64])])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # the clock of a box may be behind
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, SHA256())
    )


def _general(name: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
