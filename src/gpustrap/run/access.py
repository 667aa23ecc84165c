"""The first login, by a password: the laptop's key is let in, so that keys suffice from then on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from pydantic import SecretStr

from gpustrap.engine.failures import KeyRefused
from gpustrap.engine.session import Session
from gpustrap.errors import InstanceFailed
from gpustrap.inventory.instance import Instance
from gpustrap.language import mark, tr
from gpustrap.laptop import keys

TRIES = 3
COPY_AGAIN = mark("copy it from the provider's page again; it changes there with a reset")


class Asks(Protocol):
    """Whoever can be asked: a person at a terminal."""

    def password(self, instance: str, why: str) -> SecretStr | None:
        """The password of the login; None where the person gives none."""

    def lets_in(self, instance: str, key: Path, new: bool) -> bool:
        """Whether the laptop's key may be put on the instance, where `new` says that it is made for that."""


def first_login(
    session: Session, instance: Instance, refused: KeyRefused, asks: Asks | None, says: Callable[[str], None]
) -> Session:
    """A session that is open, after the keys were refused; raises `refused` where nobody gives a password.

    The password is asked for, used for this run and kept nowhere. Where the person agrees, the laptop's key is
    put into the login's authorized_keys, and the session that comes back was opened by it.
    """
    if instance.lab or instance.password or asks is None:
        raise _said(refused, instance)
    by_password = _by_password(session, instance, refused, asks)
    if (key := _key_to_let_in(instance, asks)) is None:
        return by_password
    holds = by_password.let_in(key.public)
    by_password.close()
    says(
        tr(
            "its authorized_keys {holds} this laptop's key {path}: from now on no password is asked",
            holds=holds,
            path=key.path,
        )
    )
    try:
        session.connect()
    except KeyRefused as still:
        raise InstanceFailed(
            tr("the key is in its authorized_keys, and is refused ({error})", error=still.error),
            operation="connect",
            hint=tr(
                "sshd there may read another file (AuthorizedKeysFile), allow no keys "
                "(PubkeyAuthentication), or mistrust a ~ or ~/.ssh that others may write"
            ),
        ) from still
    return session


def _by_password(session: Session, instance: Instance, refused: KeyRefused, asks: Asks) -> Session:
    why = _said(refused, instance).error
    for _ in range(TRIES):
        password = asks.password(instance.name, why)
        if password is None:
            break
        opened = session.with_password(password)
        try:
            opened.connect()
        except KeyRefused as again:
            if _takes_keys_only(again):
                raise InstanceFailed(
                    tr("the instance lets nobody in by a password, and none of this laptop's keys is let in"),
                    operation="connect",
                    hint=tr(
                        "put this laptop's public key on the provider's page; it reaches the box at its next start"
                    ),
                ) from again
            why = tr("the instance refuses this password")
            continue
        return opened
    else:
        raise InstanceFailed(
            tr("the instance refused {tries} passwords", tries=TRIES), operation="connect", hint=tr(COPY_AGAIN)
        ) from refused
    raise _said(refused, instance) from refused


def _takes_keys_only(refused: BaseException) -> bool:
    """Whether the server has said which ways there are, and a password is none of them (RFC 4252, 5.1)."""
    error: BaseException | None = refused
    while error is not None:
        if allowed := getattr(error, "allowed_types", None):
            return not {"password", "keyboard-interactive"} & set(allowed)
        error = error.__cause__ or error.__context__
    return False


def _identity(instance: Instance) -> str | None:
    """The key file that the instance's ssh command names."""
    return instance.ssh.identity_file if instance.ssh else None


def _key_to_let_in(instance: Instance, asks: Asks) -> keys.Key | None:
    """The key, made where there is none; None where the person does not want that, or none can be made."""
    identity = _identity(instance)
    if key := keys.usable_key(identity):
        return key if asks.lets_in(instance.name, key.path, False) else None
    path = keys.new_key_path()
    if identity or not keys.may_make_key() or not asks.lets_in(instance.name, path, True):
        return None
    return keys.make_key()


def _said(refused: KeyRefused, instance: Instance) -> InstanceFailed:
    """The sentence that is true of this laptop: no key, one that waits for its passphrase, or one not let in."""
    identity = _identity(instance)
    command = tr(
        "`gpustrap up {typed}` at a terminal asks for the password once, and lets a key in", typed=instance.typed
    )
    if instance.password:
        return InstanceFailed(
            tr("the instance refuses the password ({error})", error=refused.error),
            operation="connect",
            hint=tr(COPY_AGAIN),
        )
    if instance.lab or keys.usable_key(identity):
        return refused
    if keys.has_key(identity):
        return InstanceFailed(
            tr("this laptop's key has a passphrase, and no agent has unlocked it ({error})", error=refused.error),
            operation="connect",
            hint=tr("`ssh-add` unlocks it; where the instance does not know the key yet, {command}", command=command),
        )
    return InstanceFailed(
        tr("this laptop has no ssh key ({error})", error=refused.error), operation="connect", hint=command
    )
