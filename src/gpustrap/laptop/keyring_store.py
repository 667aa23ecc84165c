"""Passwords of logins in the laptop's keyring, where it has one that the library `keyring` can use.

The library is an optional part (`gpustrap[keyring]`): whoever lets a key in, which is offered first, needs no
password a second time. Whatever goes wrong with a keyring, the answer is that nothing is kept there.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

SERVICE = "gpustrap"


def keyring_name() -> str | None:
    """What a person calls the keyring; None where there is none."""
    backend = _backend()
    return str(backend.name) if backend is not None else None


def kept(login: str) -> str | None:
    """The password of `user@host:port`; None where none is kept."""
    with suppress(Exception):
        return _backend().get_password(SERVICE, login) or None
    return None


def keep(login: str, password: str) -> bool:
    """Whether it is kept now."""
    with suppress(Exception):
        _backend().set_password(SERVICE, login, password)
        return True
    return False


def forget(login: str) -> None:
    with suppress(Exception):
        _backend().delete_password(SERVICE, login)


def _backend() -> Any:
    """The backend that is chosen or best; None for those that stand for "there is none"."""
    try:
        import keyring
    except ImportError:
        return None
    with suppress(Exception):
        backend = keyring.get_keyring()
        return backend if backend.priority > 0 else None
    return None
