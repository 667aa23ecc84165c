"""Who may log in the first time: each end of the conversation, with a session that is a fake (the lab has the real one)."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from paramiko import BadAuthenticationType
from pydantic import SecretStr

from gpustrap.engine.failures import KeyRefused, TooManyKeys
from gpustrap.engine.let_in import LetIn
from gpustrap.errors import InstanceFailed
from gpustrap.inventory.hosts import read_hosts
from gpustrap.laptop import keyring_store, keys
from gpustrap.run.access import first_login

REFUSED = KeyRefused("the instance refuses our key or password (x)", operation="connect")
RIGHT = "h0rse"
PHRASE = "open sesame"


@dataclass
class Box:
    """A fake of Session: lets one password in, and the keys that were put there."""

    takes_keys: bool = True
    let: list[str] = field(default_factory=list)
    password: str | None = None
    closed: list[bool] = field(default_factory=list)
    loose: tuple[str, ...] = ()
    key: str | None = None  # the one file that it offers

    def with_password(self, password: SecretStr) -> Box:
        return Box(self.takes_keys, self.let, password.get_secret_value(), self.closed, self.loose)

    def connect(self) -> None:
        if not (self.password == RIGHT if self.password else self.let and self.takes_keys):
            raise KeyRefused(REFUSED.error, operation="connect")

    def with_key(self, path: str, _key: Any = None) -> Box:
        return Box(self.takes_keys, self.let, None, self.closed, key=path)

    def let_in(self, key: str) -> LetIn:
        self.let.append(key)
        return LetIn(True, self.loose)

    def close(self) -> None:
        self.closed.append(True)


@dataclass
class Person:
    """Gives these passwords in turn, then none."""

    passwords: list[str]
    agrees: bool = True
    heard: list[str] = field(default_factory=list)
    asked: list[tuple[str, bool]] = field(default_factory=list)
    phrases: list[str] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)

    def password(self, _instance: str, why: str) -> SecretStr | None:
        self.heard.append(why)
        return SecretStr(self.passwords.pop(0)) if self.passwords else None

    def passphrase(self, _instance: str, why: str) -> SecretStr | None:
        self.heard.append(why)
        return SecretStr(self.phrases.pop(0)) if self.phrases else None

    def lets_in(self, _instance: str, key: str, new: bool) -> bool:
        self.asked.append((key, new))
        return self.agrees

    def keeps(self, _instance: str, login: str, password: SecretStr) -> None:
        self.kept.append((login, password.get_secret_value()))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return tmp_path


def lock(path: Path, passphrase: str = PHRASE) -> None:
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", passphrase, "-f", str(path)], check=True)


@pytest.fixture
def instance(tmp_path: Path) -> Any:
    return read_hosts(tmp_path, "instances:\n  it: {ssh: ssh -p 2222 root@203.0.113.1, roles: [base]}\n").instances[
        "it"
    ]


def log_in(box: Box, instance: Any, person: Person | None, says: list[str] | None = None) -> Any:
    return first_login(box, instance, REFUSED, person, (says if says is not None else []).append)  # type: ignore[arg-type]


def test_after_the_right_password_a_new_key_is_let_in_and_used(home: Path, instance: Any) -> None:
    box, person, said = Box(), Person(["wrong", RIGHT]), []
    assert log_in(box, instance, person, said).key == str(home / ".ssh" / "id_ed25519")
    key = keys.usable_key()
    assert key is not None and box.let == [key.public] and box.closed == [True]
    assert person.heard[0].startswith("this laptop has no ssh key (")
    assert person.heard[1:] == ["the instance refuses this password"]
    assert person.asked == [(str(home / ".ssh" / "id_ed25519"), True)]
    assert said == [f"its authorized_keys now holds this laptop's key {key.path}: from now on no password is asked"]


def test_a_key_that_is_there_is_the_one_that_is_let_in(instance: Any) -> None:
    key = keys.make_key()
    box, person = Box(), Person([RIGHT])
    log_in(box, instance, person)
    assert (box.let, person.asked) == ([key.public], [(str(key.path), False)])
    assert person.heard == [f"{REFUSED.error}; a new box, or one that was reset, does not know the key yet"]


def test_who_wants_no_key_there_goes_on_by_the_password(home: Path, instance: Any) -> None:
    box = Box()
    person = Person([RIGHT], agrees=False)
    opened = log_in(box, instance, person)
    assert opened.password == RIGHT and box.let == [] and box.closed == []
    assert person.kept == [("root@203.0.113.1:2222", RIGHT)]
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
    lock(home / ".ssh" / "id_ed25519")
    with pytest.raises(InstanceFailed, match="id_ed25519 has a passphrase, and no agent has unlocked it"):
        log_in(Box(), instance, person)
    (home / ".ssh" / "id_ed25519").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nbroken\n")
    with pytest.raises(InstanceFailed, match="id_ed25519 is damaged, or cannot be read"):
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


def test_a_pasted_password_is_used_before_anybody_is_asked(instance: Any) -> None:
    box, person = Box(), Person([])
    log_in(box, replace(instance, given=SecretStr(RIGHT)), person)
    assert person.heard == [] and len(box.let) == 1


def test_a_pasted_password_that_is_refused_is_said_and_another_asked_for(instance: Any) -> None:
    person = Person([RIGHT])
    log_in(Box(), replace(instance, given=SecretStr("old")), person)
    assert person.heard == ["the instance refuses the password that was pasted"]


def test_a_pasted_password_where_nobody_can_be_asked_changes_nothing(home: Path, instance: Any) -> None:
    box, said = Box(), []
    opened = log_in(box, replace(instance, given=SecretStr(RIGHT)), None, said)
    assert opened.password == RIGHT and box.let == [] and not (home / ".ssh").exists()
    assert said == ["logged in by the password; `gpustrap up it` at a terminal lets a key in"]
    with pytest.raises(InstanceFailed, match="the instance refuses the password that was pasted"):
        log_in(box, replace(instance, given=SecretStr("old")), None)


def test_a_password_in_the_keyring_is_used_and_no_key_is_offered_again(
    instance: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring_store, "kept", {"root@203.0.113.1:2222": RIGHT}.get)
    for person in (None, Person([])):
        box = Box()
        assert log_in(box, instance, person).password == RIGHT and box.let == []
    assert person is not None and person.asked == []


def test_a_key_with_a_passphrase_is_unlocked_once_and_logs_in(home: Path, instance: Any) -> None:
    public = keys.make_key().public
    lock(home / ".ssh" / "id_ed25519")
    box, person = Box(let=[public]), Person([], phrases=["wrong", PHRASE])
    assert log_in(box, instance, person).key == str(home / ".ssh" / "id_ed25519")
    assert person.heard[1:] == ["this is not its passphrase"] and box.let == [public]


def test_an_unlocked_key_that_the_box_does_not_know_is_let_in_by_the_password(home: Path, instance: Any) -> None:
    public = keys.make_key().public
    lock(home / ".ssh" / "id_ed25519")
    box, person = Box(), Person([RIGHT], phrases=[PHRASE])
    assert log_in(box, instance, person).key == str(home / ".ssh" / "id_ed25519")
    assert box.let == [public] and person.asked == [(str(home / ".ssh" / "id_ed25519"), False)]


def test_the_agents_key_is_let_in_where_there_is_no_file(
    home: Path, instance: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "agent_keys", lambda: [keys.Key(None, "ssh-ed25519 AAAA gpustrap", "me@home")])
    with pytest.raises(InstanceFailed, match="the ssh agent's key is not let in"):
        log_in(Box(), instance, None)
    box, person = Box(), Person([RIGHT])
    assert log_in(box, instance, person) is box
    assert box.let == ["ssh-ed25519 AAAA gpustrap"] and person.asked == [("me@home of the ssh agent", False)]


def test_after_too_many_keys_the_file_is_tried_alone(instance: Any) -> None:
    many = TooManyKeys("ended", operation="connect")
    with pytest.raises(TooManyKeys):
        first_login(Box(), instance, many, None, print)  # type: ignore[arg-type]
    key = keys.make_key()
    opened = first_login(Box(let=[key.public]), instance, many, None, print)  # type: ignore[arg-type]
    assert opened.key == str(key.path)  # type: ignore[attr-defined]


def test_the_key_that_the_ssh_config_names_is_this_laptops_key(home: Path, instance: Any) -> None:
    key = keys.make_key()
    key.path.rename(home / "mine")  # type: ignore[union-attr]
    (home / ".ssh" / "config").write_text(f"Host 203.0.113.1\n  IdentityFile {home}/mine\n")
    box, person = Box(), Person([RIGHT])
    assert log_in(box, instance, person).key == str(home / "mine")
    assert box.let == [key.public]


def test_what_sshd_mistrusts_is_named(instance: Any) -> None:
    with pytest.raises(InstanceFailed) as failed:
        log_in(Box(takes_keys=False, loose=("/root",)), instance, Person([RIGHT]))
    assert "sshd there mistrusts /root" in str(failed.value) and "chmod go-w /root" in str(failed.value)


def test_a_keyring_that_does_not_answer_is_named_and_the_password_asked_for(
    instance: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring_store, "kept", lambda _login: None)
    monkeypatch.setattr(keyring_store, "gave_no_answer", lambda: True)
    said: list[str] = []
    assert log_in(Box(), instance, Person([RIGHT], agrees=False), said).password == RIGHT
    assert said == ["this computer's keyring gave no answer within 20 s: is it locked?"]
