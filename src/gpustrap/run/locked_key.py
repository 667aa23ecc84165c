"""A key of the laptop's that has a passphrase, which the person is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import SecretStr

from gpustrap.engine.failures import KeyRefused
from gpustrap.engine.session import Session
from gpustrap.inventory.instance import Instance
from gpustrap.inventory.masking import remember
from gpustrap.language import tr
from gpustrap.laptop import keys
from gpustrap.run.refusal import identity_of

TRIES = 3


class AsksForPassphrase(Protocol):
    def passphrase(self, instance: str, why: str) -> SecretStr | None: ...


@dataclass(frozen=True)
class Unlocked:
    """The key, paramiko's own form of it, and the session that it has opened; None where it is not let in."""

    key: keys.Key
    secret: Any
    opened: Session | None


def unlock(session: Session, instance: Instance, asks: AsksForPassphrase) -> Unlocked | None:
    """The key that waits for its passphrase, opened by the person; None where there is none, or he gives none."""
    identity = identity_of(instance)
    locked = keys.unusable_key(identity)
    if locked is None or not locked.locked or keys.usable_key(identity) or keys.agent_keys():
        return None
    why = tr("this laptop's key {path} has a passphrase", path=locked.path)
    for _ in range(TRIES):
        if (typed := asks.passphrase(instance.name, why)) is None:
            return None
        remember(typed.get_secret_value())
        if found := keys.unlocked(locked.path, typed.get_secret_value()):
            return Unlocked(*found, _opened(session.with_key(str(locked.path), found[1])))
        why = tr("this is not its passphrase")
    return None


def _opened(session: Session) -> Session | None:
    try:
        session.connect()
    except KeyRefused:
        return None
    return session
