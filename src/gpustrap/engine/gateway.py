"""The gateway on the instance: nginx's configuration, what identifies it, its certificate, and how `verify` asks it."""

from __future__ import annotations

import hashlib
from functools import cache

from pydantic import SecretStr

from gpustrap.engine.operations.files import ManagedFile
from gpustrap.engine.templates import template
from gpustrap.errors import InstanceFailed
from gpustrap.inventory.masking import remember
from gpustrap.inventory.reveal import revealed
from gpustrap.language import tr
from gpustrap.laptop.certificates import Certificate, own_certificate
from gpustrap.resolve.gateway import (
    ASK,
    CERTIFICATE,
    CONFIGURATION,
    KEY,
    RUN,
    Gateway,
    GivenCertificate,
    OwnCertificate,
)


def gateway_files(chosen: Gateway) -> list[ManagedFile]:
    """nginx's configuration, and the token for curl: both hold it, so both are secrets, which are root's alone."""
    token = token_of(chosen)
    ask = template("gateway/ask.j2", ASK, when=chosen.token, token=token)
    return [_configuration(chosen, token, configuration_identity(chosen)), ask]


def certificate_files(chosen: Gateway) -> list[ManagedFile]:
    """What https is spoken with; neither is to be there without it."""
    found = certificate_of(chosen)
    if found is None:
        return [ManagedFile(CERTIFICATE, None), ManagedFile(KEY, None)]
    return [ManagedFile(CERTIFICATE, found.chain), ManagedFile(KEY, found.key)]


def certificate_title(chosen: Gateway) -> str:
    """What a person compares with what the browser shows, once."""
    found = certificate_of(chosen)
    return tr("certificate") + (f" SHA-256 {found.fingerprint}" if found else "")


def certificate_of(chosen: Gateway) -> Certificate | None:
    """None for http. Raises InstanceFailed where the key is not the certificate's."""
    return None if chosen.tls is None else _read(chosen.tls)


@cache
def _read(tls: OwnCertificate | GivenCertificate) -> Certificate:
    """Once a run, as a secret is: what is written, what names it and what identifies it are of the same one."""
    if isinstance(tls, OwnCertificate):
        own = own_certificate(tls.owner, tls.names)
        remember(own.key.get_secret_value())
        return own
    given = Certificate(tls.chain.read_text(encoding="ascii"), revealed(tls.key))
    try:
        fits = given.fits()
    except (ValueError, TypeError):  # TypeError: it has a passphrase
        raise InstanceFailed(
            tr("the key of the gateway's certificate is no PEM key, or has a passphrase"),
            hint=tr("`openssl pkey -in KEY -out PLAIN` takes a passphrase away"),
        ) from None
    if not fits:
        raise InstanceFailed(tr("the key is not that of the gateway's certificate {chain}", chain=tls.chain))
    return given


def configuration_identity(chosen: Gateway) -> str:
    """What changes whenever the configuration does. It names nginx's pid file, so that tells what nginx has loaded."""
    return hashlib.sha256(_configuration(chosen, token_of(chosen), "").data).hexdigest()[:16]


def token_of(chosen: Gateway) -> SecretStr:
    """The token, empty for none."""
    return SecretStr("") if chosen.token is None else revealed(chosen.token)


def _configuration(chosen: Gateway, token: SecretStr, identity: str) -> ManagedFile:
    pattern = SecretStr(token.get_secret_value().replace(".", r"\."))
    found = certificate_of(chosen)
    tls = {"certificate": CERTIFICATE, "key_file": KEY, "digest": found.digest} if found else None
    pid = f"{RUN}/{identity}.pid"
    return template("gateway/nginx.conf.j2", CONFIGURATION, gateway=chosen, token=pattern, pid=pid, tls=tls)
