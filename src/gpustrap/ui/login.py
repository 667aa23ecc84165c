"""Who is asked at a login that lets no key in: the person at the terminal, or one who has said yes to all."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from gpustrap.language import tr
from gpustrap.ui.ask import agrees, hidden
from gpustrap.ui.plain import shown
from gpustrap.ui.table import fitted

if TYPE_CHECKING:
    from pydantic import SecretStr


class AtTerminal:
    """The person at the terminal. `held` are the passwords that opened a login: instance → password, for this run."""

    def __init__(self) -> None:
        self.before: Callable[[], None] = lambda: None  # called before anything is shown
        self.held: dict[str, SecretStr] = {}

    def password(self, instance: str, why: str) -> SecretStr | None:
        """What is typed, without being shown; None for an empty line."""
        self._says(f"{instance}: {why}")
        return hidden(tr("Its password, as the provider's page shows it (it is not shown; Enter: stop here): "))

    def passphrase(self, instance: str, why: str) -> SecretStr | None:
        self._says(f"{instance}: {why}")
        return hidden(tr("The key's passphrase (Enter to log in by a password): "))

    def lets_in(self, instance: str, key: str, new: bool) -> bool:
        """Whether the laptop's key may log in to the instance from now on. Yes is the answer of an empty line.

        Whoever said no is not asked again in this run.
        """
        if instance in self.held:
            return False
        self.before()
        made = (
            tr("Make a key, {key}, and put it there,", key=key)
            if new
            else tr("Put this laptop's key, {key}, there,", key=key)
        )
        return agrees(
            tr("{instance}: {made} so that no password is asked any more?", instance=instance, made=made), default=True
        )

    def keeps(self, instance: str, login: str, password: SecretStr) -> None:
        """Hold the password; where this computer has a keyring, ask whether it may lie there. No for an empty line."""
        from gpustrap.laptop import keyring_store

        self.held[instance] = password
        keyring = keyring_store.keyring_name()
        if keyring is None or keyring_store.kept(login) == password.get_secret_value():
            return
        self.before()
        question = tr(
            "{instance}: Keep the password in this computer's keyring ({keyring})? Else it is asked each time.",
            instance=instance,
            keyring=keyring,
        )
        if agrees(question, default=False) and not keyring_store.keep(login, password.get_secret_value()):
            self._says(tr("{instance}: the keyring does not take it", instance=instance))

    def _says(self, text: str) -> None:
        self.before()
        print(fitted(shown(text)), file=sys.stderr)


class Agreed:
    """Nobody is asked: the key is let in, as is proposed, and no password is given or kept on the laptop."""

    def __init__(self) -> None:
        self.held: dict[str, SecretStr] = {}

    def password(self, _instance: str, _why: str) -> SecretStr | None:
        return None

    def passphrase(self, _instance: str, _why: str) -> SecretStr | None:
        return None

    def lets_in(self, _instance: str, _key: str, _new: bool) -> bool:
        return True

    def keeps(self, instance: str, _login: str, password: SecretStr) -> None:
        self.held[instance] = password
