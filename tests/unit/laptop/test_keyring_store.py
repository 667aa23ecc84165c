"""A keyring is used where there is one; whatever it does, a run goes on. The library here is a fake."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from gpustrap.laptop import keyring_store


class Backend:
    name, priority = "Keychain", 5.0

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, login: str) -> str | None:
        return self.held.get((service, login))

    def set_password(self, service: str, login: str, password: str) -> None:
        self.held[service, login] = password

    def delete_password(self, service: str, login: str) -> None:
        del self.held[service, login]


class Locked(Backend):
    def get_password(self, *_: str) -> str | None:
        raise RuntimeError("locked")

    set_password = delete_password = get_password  # type: ignore[assignment]


def use(monkeypatch: pytest.MonkeyPatch, backend: object) -> None:
    monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace(get_keyring=lambda: backend))


def test_a_password_is_kept_found_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, Backend())
    assert keyring_store.keyring_name() == "Keychain" and keyring_store.kept("root@h:22") is None
    assert keyring_store.keep("root@h:22", "pw") and keyring_store.kept("root@h:22") == "pw"
    assert keyring_store.kept("root@h:23") is None
    keyring_store.forget("root@h:22")
    assert keyring_store.kept("root@h:22") is None


def test_without_the_library_or_a_keyring_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)  # an import of it fails
    none = Backend()
    none.priority = 0
    for backend in (None, none):
        if backend:
            use(monkeypatch, backend)
        assert keyring_store.keyring_name() is None and keyring_store.kept("a@b:1") is None
        assert not keyring_store.keep("a@b:1", "pw")
        keyring_store.forget("a@b:1")


def test_a_keyring_that_stays_locked_is_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, Locked())
    assert keyring_store.kept("a@b:1") is None and not keyring_store.keep("a@b:1", "pw")
    keyring_store.forget("a@b:1")
