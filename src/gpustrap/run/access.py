"""The first login, by a password: the laptop's key is let in, so that keys suffice from then on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from pydantic import SecretStr

from gpustrap.engine.failures import KeyRefused, TooManyKeys
from gpustrap.engine.let_in import LetIn
from gpustrap.engine.session import Session
from gpustrap.errors import InstanceFailed
from gpustrap.inventory.address import login_of
from gpustrap.inventory.instance import Instance
from gpustrap.inventory.masking import remember
from gpustrap.language import mark, tr
from gpustrap.laptop import keyring_store, keys
from gpustrap.run.locked_key import Unlocked, unlock
from gpustrap.run.refusal import COPY_AGAIN, identity_of, said

TRIES = 3
KEYRING_SECONDS = keyring_store.SECONDS
# How the instance refuses each.
PASTED = mark("the instance refuses the password that was pasted")
KEPT = mark("the instance refuses the password in the keyring")
ASKED = mark("the instance refuses this password")


class Asks(Protocol):
    """Whoever can be asked: a person at a terminal, or one who has agreed to all in advance."""

    def password(self, instance: str, why: str) -> SecretStr | None:
        """The password of the login; None where the person gives none."""

    def passphrase(self, instance: str, why: str) -> SecretStr | None:
        """The passphrase of the laptop's key; None where the person gives none."""

    def lets_in(self, instance: str, key: str, new: bool) -> bool:
        """Whether the laptop's key may be put on the instance, where `new` says that it is made for that."""

    def keeps(self, instance: str, login: str, password: SecretStr) -> None:
        """The password has opened the login, and no key is let in: hold it, and ask where it may be kept."""


def first_login(
    session: Session, instance: Instance, refused: KeyRefused, asks: Asks | None, says: Callable[[str], None]
) -> Session:
    """A session that is open, after the keys were refused; raises `refused` where nobody gives a password.

    A password that was pasted with the ssh command is tried first, then one in the keyring. Where the person
    agrees, the laptop's key is put into the login's authorized_keys, and the session that comes back was opened
    by it.
    """
    if instance.lab or instance.password:
        raise said(refused, instance)
    if isinstance(refused, TooManyKeys) and (alone := _by_key_alone(session, instance)):
        return alone
    key = None if instance.given or asks is None else unlock(session, instance, asks)
    if key and key.opened:
        return key.opened
    try:
        opened, password, what = _by_password(session, instance, refused, asks)
    finally:
        if keyring_store.gave_no_answer():
            says(
                tr("this computer's keyring gave no answer within {seconds} s: is it locked?", seconds=KEYRING_SECONDS)
            )
    if what == KEPT:  # a person has decided against the key
        return opened
    if asks is None:
        says(tr("logged in by the password; `gpustrap up {typed}` at a terminal lets a key in", typed=instance.typed))
        return opened
    return _by_key_let_in(session, opened, password, instance, key, asks, says)


def _by_key_alone(session: Session, instance: Instance) -> Session | None:
    """A session by the one key file, where the agent's keys went before it."""
    if not (key := keys.usable_key(identity_of(instance))):
        return None
    opened = session.with_key(str(key.path))
    try:
        opened.connect()
    except KeyRefused:
        return None
    return opened


def _by_password(
    session: Session, instance: Instance, refused: KeyRefused, asks: Asks | None
) -> tuple[Session, SecretStr, str]:
    """The open session, the password and which it was. Raises InstanceFailed in the words of the last refusal."""
    failed, tried = said(refused, instance), 0
    for what, give in _passwords(instance, asks):
        if (password := give(failed.error)) is None:
            continue
        remember(password.get_secret_value())
        opened = session.with_password(password)
        try:
            opened.connect()
        except KeyRefused as again:
            if _takes_keys_only(again):
                raise _keys_only() from again
            tried += what == ASKED
            words = tr("the instance refused {tries} passwords", tries=TRIES) if tried == TRIES else tr(what)
            failed = InstanceFailed(words, operation="connect", hint=tr(COPY_AGAIN))
            continue
        return opened, password, what
    raise failed from refused


def _passwords(instance: Instance, asks: Asks | None) -> Iterator[tuple[str, Callable[[str], SecretStr | None]]]:
    """The words of its refusal, and what gives it when told why it is needed. Whoever gives none is asked no more."""
    if given := instance.given:
        yield PASTED, lambda _why: given
    if kept := keyring_store.kept(login_of(instance.ssh)) if instance.ssh else None:
        stored = SecretStr(kept)
        yield KEPT, lambda _why: stored
    silent: list[bool] = []

    def asked(why: str) -> SecretStr | None:
        answer = asks.password(instance.name, why) if asks else None
        silent.extend([True] * (answer is None))
        return answer

    for _ in range(TRIES if asks else 0):
        if not silent:
            yield ASKED, asked


def _takes_keys_only(refused: BaseException) -> bool:
    """Whether the server has said which ways there are, and a password is none of them (RFC 4252, 5.1)."""
    error: BaseException | None = refused
    while error is not None:
        if allowed := getattr(error, "allowed_types", None):
            return not {"password", "keyboard-interactive"} & set(allowed)
        error = error.__cause__ or error.__context__
    return False


def _keys_only() -> InstanceFailed:
    return InstanceFailed(
        tr("the instance lets nobody in by a password, and none of this laptop's keys is let in"),
        operation="connect",
        hint=tr("put this laptop's public key on the provider's page; it reaches the box at its next start"),
    )


def _by_key_let_in(
    session: Session,
    by_password: Session,
    password: SecretStr,
    instance: Instance,
    locked: Unlocked | None,
    asks: Asks,
    says: Callable[[str], None],
) -> Session:
    """A session by the key that the person lets in; the one by the password where he does not."""
    key = _key_to_let_in(instance, locked, asks)
    if key is None:
        if instance.ssh:
            asks.keeps(instance.name, login_of(instance.ssh), password)
        return by_password
    done = by_password.let_in(key.public)
    by_password.close()
    holds = tr("now holds") if done.new else tr("holds")
    says(
        tr(
            "its authorized_keys {holds} this laptop's key {path}: from now on no password is asked",
            holds=holds,
            path=key.title,
        )
    )
    opened = session.with_key(str(key.path), locked and locked.secret) if key.path else session
    try:
        opened.connect()
    except KeyRefused as still:
        raise _still_refused(still, done) from still
    return opened


def _key_to_let_in(instance: Instance, locked: Unlocked | None, asks: Asks) -> keys.Key | None:
    """The key, made where there is none; None where the person does not want that, or none can be made."""
    identity = identity_of(instance)
    held = keys.agent_keys()[:1]
    if key := (locked.key if locked else None) or keys.usable_key(identity) or (held[0] if held else None):
        return key if asks.lets_in(instance.name, key.title, False) else None
    if identity or not keys.may_make_key() or not asks.lets_in(instance.name, str(keys.new_key_path()), True):
        return None
    return keys.make_key()


def _still_refused(refused: KeyRefused, done: LetIn) -> InstanceFailed:
    hint = tr("sshd there may read another file (AuthorizedKeysFile), or allow no keys (PubkeyAuthentication)")
    if done.loose:
        hint = tr(
            "sshd there mistrusts {files}, which others may write to (StrictModes): `chmod go-w {first}`",
            files=", ".join(done.loose),
            first=done.loose[0],
        )
    message = tr("the key is in its authorized_keys, and is refused ({error})", error=refused.error)
    return InstanceFailed(message, operation="connect", hint=hint)
