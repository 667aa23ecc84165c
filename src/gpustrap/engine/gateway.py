"""The gateway on the instance: nginx's configuration, what identifies it, and how `verify` asks it."""

from __future__ import annotations

import hashlib

from pydantic import SecretStr

from gpustrap.engine.operations.files import ManagedFile
from gpustrap.engine.templates import template
from gpustrap.inventory.reveal import revealed
from gpustrap.resolve.gateway import ASK, CONFIGURATION, RUN, Gateway


def gateway_files(chosen: Gateway) -> list[ManagedFile]:
    """nginx's configuration, and the token for curl: both hold it, so both are root's alone."""
    token = token_of(chosen)
    ask = template("gateway/ask.j2", ASK, when=chosen.token, mode="600", token=token)
    return [_configuration(chosen, token, configuration_identity(chosen)), ask]


def configuration_identity(chosen: Gateway) -> str:
    """What changes whenever the configuration does. It names nginx's pid file, so that tells what nginx has loaded."""
    return hashlib.sha256(_configuration(chosen, token_of(chosen), "").data).hexdigest()[:16]


def token_of(chosen: Gateway) -> SecretStr:
    """The token, empty for none."""
    return SecretStr("") if chosen.token is None else revealed(chosen.token)


def _configuration(chosen: Gateway, token: SecretStr, identity: str) -> ManagedFile:
    pattern = SecretStr(token.get_secret_value().replace(".", r"\."))
    pid = f"{RUN}/{identity}.pid"
    return template("gateway/nginx.conf.j2", CONFIGURATION, mode="600", gateway=chosen, token=pattern, pid=pid)
