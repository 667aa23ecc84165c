from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from gpustrap.laptop import keys


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def keygen(path: Path, *options: str, passphrase: str = "") -> str:
    """The public half as OpenSSH says it, without the comment."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    subprocess.run(["ssh-keygen", "-q", "-N", passphrase, "-f", str(path), *options], check=True)
    return " ".join(path.with_suffix(".pub").read_text().split()[:2])


def test_a_key_that_is_made_is_read_by_openssh_and_by_nobody_else(home: Path):
    made = keys.make_key()
    assert made.path == home / ".ssh" / "id_ed25519" == keys.new_key_path()
    assert [oct(path.stat().st_mode & 0o777) for path in (made.path, made.path.parent)] == ["0o600", "0o700"]
    said = subprocess.run(["ssh-keygen", "-y", "-f", str(made.path)], check=True, capture_output=True, text=True).stdout
    assert said.split()[:2] == made.public.split()[:2]
    assert made.path.with_suffix(".pub").read_text() == f"{made.public}\n"
    assert keys.usable_key() == made


def test_a_key_that_is_there_is_never_overwritten(home: Path):
    first = keys.make_key()
    before = first.path.read_bytes()
    with pytest.raises(FileExistsError):
        keys.make_key()
    assert first.path.read_bytes() == before


@pytest.mark.parametrize("options", [("-t", "ed25519"), ("-t", "ecdsa"), ("-t", "rsa", "-b", "2048"),
                                     ("-t", "rsa", "-b", "2048", "-m", "PEM")])  # fmt: skip
def test_every_form_of_key_is_read(home: Path, options: tuple[str, ...]):
    path = home / ".ssh" / f"id_{options[1]}"
    public = keygen(path, *options)
    found = keys.usable_key()
    assert found is not None and (found.path, found.public) == (path, f"{public} gpustrap")


def test_one_with_a_passphrase_is_there_and_cannot_be_used(home: Path):
    keygen(home / ".ssh" / "id_ed25519", "-t", "ed25519", passphrase="open sesame")
    keygen(home / ".ssh" / "id_rsa", "-t", "rsa", "-b", "2048", "-m", "PEM", passphrase="open sesame")
    assert keys.usable_key() is None
    assert keys.unusable_key() == keys.Unusable(home / ".ssh" / "id_rsa", locked=True)


@pytest.mark.parametrize("content", [None, b"", b"no key", b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n", b"\xff\x00"])
def test_what_is_no_key_is_passed_over(home: Path, content: bytes | None):
    path = home / "key"
    if content is not None:
        path.write_bytes(content)
    assert keys.usable_key(str(path)) is None
    assert keys.unusable_key(str(path)) == (None if content is None else keys.Unusable(path, locked=False))
    assert keys.usable_key() is None and keys.unusable_key() is None


def test_the_key_that_is_named_is_the_one(home: Path):
    keys.make_key()
    public = keygen(home / "mine", "-t", "ed25519")
    found = keys.usable_key("~/mine")
    assert found is not None and found.public.startswith(public)


def test_a_public_half_alone_is_somebodys_and_stays(home: Path):
    """Its private half may lie in an agent or on a token."""
    assert keys.may_make_key()
    (home / ".ssh").mkdir()
    (home / ".ssh" / "id_ed25519.pub").write_text("ssh-ed25519 AAAA me\n")
    assert not keys.may_make_key()
    with pytest.raises(FileExistsError):
        keys.make_key()
    assert [path.name for path in (home / ".ssh").iterdir()] == ["id_ed25519.pub"]
    assert (home / ".ssh" / "id_ed25519.pub").read_text() == "ssh-ed25519 AAAA me\n"


@pytest.mark.parametrize("options", [("-t", "ed25519"), ("-t", "ecdsa"), ("-t", "rsa", "-b", "2048", "-m", "PEM")])
def test_a_passphrase_opens_a_key_and_another_does_not(home: Path, options: tuple[str, ...]):
    public = keygen(home / "mine", *options, passphrase="open sesame")
    opened = keys.unlocked(home / "mine", "open sesame")
    assert opened is not None and opened[0].public == f"{public} gpustrap"
    assert keys.unlocked(home / "mine", "close") is None


def test_the_keys_of_a_real_agent(home: Path, monkeypatch: pytest.MonkeyPatch):
    assert keys.agent_keys() == [] or "SSH_AUTH_SOCK" in os.environ
    public = keygen(home / "mine", "-t", "ed25519", "-C", "me@home")
    socket = home / "agent"
    with subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL) as agent:
        try:
            monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
            while subprocess.run(["ssh-add", "-q", str(home / "mine")], capture_output=True).returncode:
                assert agent.poll() is None
            (key,) = keys.agent_keys()
            assert key.public == f"{public} gpustrap" and key.path is None and "of the ssh agent" in key.title
        finally:
            agent.terminate()
