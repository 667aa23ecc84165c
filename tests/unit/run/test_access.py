"""Who may log in the first time: each end of the conversation, with a session that is a fake (the lab has the real one)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from paramiko import BadAuthenticationType
from pydantic import SecretStr

from gpustrap.engine.failures import KeyRefused
from gpustrap.errors import InstanceFailed
from gpustrap.inventory.hosts import read_hosts
from gpustrap.laptop import keys
from gpustrap.run.access import first_login

REFUSED = KeyRefused("the instance refuses our key or password (x)", operation="connect")
RIGHT = "h0rse"


@dataclass
class Box:
    """A fake of Session: lets one password in, and the keys that were put there."""

    takes_keys: bool = True
    let: list[str] = field(default_factory=list)
    password: str | None = None
    closed: list[bool] = field(default_factory=list)

    def with_password(self, password: SecretStr) -> Box:
        return Box(self.takes_keys, self.let, password.get_secret_value(), self.closed)

    def connect(self) -> None:
        if not (self.password == RIGHT if self.password else self.let and self.takes_keys):
            raise REFUSED

    def let_in(self, key: str) -> str:
        self.let.append(key)
        return "now holds"

    def close(self) -> None:
        self.closed.append(True)


@dataclass
class Person:
    """Gives these passwords in turn, then none."""

    passwords: list[str]
    agrees: bool = True
    heard: list[str] = field(default_factory=list)
    asked: list[tuple[Path, bool]] = field(default_factory=list)

    def password(self, _instance: str, why: str) -> SecretStr | None:
        self.heard.append(why)
        return SecretStr(self.passwords.pop(0)) if self.passwords else None

    def lets_in(self, _instance: str, key: Path, new: bool) -> bool:
        self.asked.append((key, new))
        return self.agrees


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def instance(tmp_path: Path) -> Any:
    return read_hosts(tmp_path, "instances:\n  it: {ssh: ssh -p 2222 root@203.0.113.1, roles: [base]}\n").instances[
        "it"
    ]


def log_in(box: Box, instance: Any, person: Person | None, says: list[str] | None = None) -> Any:
    return first_login(box, instance, REFUSED, person, (says if says is not None else []).append)  # type: ignore[arg-type]


def test_after_the_right_password_a_new_key_is_let_in_and_used(home: Path, instance: Any) -> None:
    box, person, said = Box(), Person(["wrong", RIGHT]), []
    assert log_in(box, instance, person, said) is box
    key = keys.usable_key()
    assert key is not None and box.let == [key.public] and box.closed == [True]
    assert person.heard[0].startswith("this laptop has no ssh key (")
    assert person.heard[1:] == ["the instance refuses this password"]
    assert person.asked == [(home / ".ssh" / "id_ed25519", True)]
    assert said == [f"its authorized_keys now holds this laptop's key {key.path}: from now on no password is asked"]


def test_a_key_that_is_there_is_the_one_that_is_let_in(instance: Any) -> None:
    key = keys.make_key()
    box, person = Box(), Person([RIGHT])
    log_in(box, instance, person)
    assert (box.let, person.asked) == ([key.public], [(key.path, False)])
    assert person.heard == [REFUSED.error]


def test_who_wants_no_key_there_goes_on_by_the_password(home: Path, instance: Any) -> None:
    box = Box()
    opened = log_in(box, instance, Person([RIGHT], agrees=False))
    assert opened.password == RIGHT and box.let == [] and box.closed == []
    assert not (home / ".ssh").exists()


def test_three_wrong_passwords_end_it(instance: Any) -> None:
    with pytest.raises(InstanceFailed, match="the instance refused 3 passwords"):
        log_in(Box(), instance, Person(["a", "b", "c", RIGHT]))


def test_a_key_that_is_let_in_and_still_refused_is_said(instance: Any) -> None:
    with pytest.raises(InstanceFailed, match="the key is in its authorized_keys, and is refused") as failed:
        log_in(Box(takes_keys=False), instance, Person([RIGHT]))
    assert "AuthorizedKeysFile" in str(failed.value)


@pytest.mark.parametrize("person", [None, Person([])], ids=["nobody is there", "no password is given"])
def test_without_a_password_the_sentence_is_that_of_this_laptop(
    home: Path, instance: Any, person: Person | None
) -> None:
    with pytest.raises(InstanceFailed) as failed:
        log_in(Box(), instance, person)
    assert failed.value.error.startswith("this laptop has no ssh key (")
    assert "`gpustrap up it` at a terminal asks for the password once" in str(failed.value)
    keys.make_key()
    with pytest.raises(KeyRefused):
        log_in(Box(), instance, person)
    (home / ".ssh" / "id_ed25519").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nsealed\n")
    with pytest.raises(InstanceFailed, match="this laptop's key has a passphrase, and no agent has unlocked it"):
        log_in(Box(), instance, person)


def test_a_password_of_hosts_yml_is_refused_in_its_own_words(tmp_path: Path) -> None:
    text = "instances:\n  it: {ssh: ssh root@203.0.113.1, password: {env: PW}, roles: [base]}\n"
    with pytest.raises(InstanceFailed, match="the instance refuses the password"):
        log_in(Box(), read_hosts(tmp_path, text).instances["it"], Person([RIGHT]))


@pytest.mark.parametrize(
    ("ways", "tries"), [(["publickey"], 1), (["publickey", "password"], 3), (["keyboard-interactive"], 3)]
)
def test_where_no_password_can_be_right_none_is_asked_again(instance: Any, ways: list[str], tries: int) -> None:
    class KeysOnly(Box):
        def with_password(self, password: SecretStr) -> Box:
            return KeysOnly(password=password.get_secret_value())

        def connect(self) -> None:
            try:
                raise BadAuthenticationType("no", ways)
            except BadAuthenticationType as bad:
                raise KeyRefused("refused", operation="connect") from bad

    person = Person(["a", "b", "c", "d"])
    with pytest.raises(InstanceFailed) as failed:
        log_in(KeysOnly(), instance, person)
    assert len(person.heard) == tries
    assert failed.value.error.startswith("the instance lets nobody in by a password") is (tries == 1)
