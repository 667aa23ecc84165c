"""Which of the laptop's keys has logged in, so that it is never taken away."""

from __future__ import annotations

from typing import Any


def key_in_use(connector: Any) -> str:
    """`KIND BASE64` of the key that opened this connection; "" where that was a password, or nobody can tell.

    paramiko keeps the key that it tried last, which is the one that was let in.
    """
    client = getattr(connector, "client", None)
    transport = client.get_transport() if client is not None else None
    handler = getattr(transport, "auth_handler", None)
    key = getattr(handler, "private_key", None) if getattr(handler, "auth_method", "") == "publickey" else None
    return f"{key.get_name()} {key.get_base64()}" if key is not None else ""
