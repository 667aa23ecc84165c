"""What a person is asked at a login, and what somebody who said yes to all answers."""

from __future__ import annotations

import io

import pytest
from pydantic import SecretStr

from gpustrap.laptop import keyring_store
from gpustrap.ui.login import Agreed, AtTerminal


@pytest.fixture
def typed(monkeypatch):
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_a_typed_password_is_asked_for_with_the_reason(monkeypatch, capsys):
    monkeypatch.setattr("getpass.getpass", lambda question, stream: print(question, file=stream) or "h0rse")
    person, before = AtTerminal(), []
    person.before = lambda: before.append(True)
    assert person.password("it", "no key").get_secret_value() == "h0rse"
    assert person.passphrase("it", "locked").get_secret_value() == "h0rse"
    shown = capsys.readouterr().err
    assert "it: no key\nIts password, as the provider's page shows it (it is not shown; Enter: stop here): " in shown
    assert "it: locked\nThe key's passphrase (Enter to log in by a password): " in shown and before == [True, True]


def test_who_wants_no_key_there_is_asked_once_a_run(typed, monkeypatch, capsys):
    monkeypatch.setattr(keyring_store, "keyring_name", lambda: None)
    person = AtTerminal()
    typed("n\n")
    assert not person.lets_in("it", "/k", True)
    person.keeps("it", "root@h:22", SecretStr("pw"))
    typed("")
    assert not person.lets_in("it", "/k", True)
    assert "Make a key, /k, and put it there, so that no password is asked any more? [Y/n]" in capsys.readouterr().err


@pytest.mark.parametrize(("answer", "kept"), [("y\n", [("root@h:22", "pw")]), ("\n", [])])
def test_nothing_is_kept_without_asking(typed, monkeypatch, capsys, answer, kept):
    found = []
    monkeypatch.setattr(keyring_store, "keyring_name", lambda: "Keychain")
    monkeypatch.setattr(keyring_store, "kept", lambda _login: None)
    monkeypatch.setattr(keyring_store, "keep", lambda *both: found.append(both) or True)
    person = AtTerminal()
    typed(answer)
    person.keeps("it", "root@h:22", SecretStr("pw"))
    assert found == kept and person.held["it"].get_secret_value() == "pw"
    assert "keyring (Keychain)? Else it is asked each time. [y/N]" in capsys.readouterr().err


def test_who_agreed_to_all_lets_the_key_in_and_gives_no_password():
    agreed = Agreed()
    assert agreed.lets_in("it", "/k", True)
    assert agreed.password("it", "why") is None and agreed.passphrase("it", "why") is None
    agreed.keeps("it", "root@h:22", SecretStr("pw"))
    assert agreed.held["it"].get_secret_value() == "pw"
