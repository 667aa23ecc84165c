"""The laptop's own ssh keys: the one that ssh offers by itself, and a new one where there is none."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gpustrap.language import tr

# In the order in which paramiko and OpenSSH offer them.
DEFAULTS = ("id_rsa", "id_ecdsa", "id_ed25519")
NEW = "id_ed25519"


@dataclass(frozen=True)
class Key:
    """A private key's file, None for one that the agent holds, and the line that authorized_keys gets."""

    path: Path | None
    public: str
    name: str = ""

    @property
    def title(self) -> str:
        """What a person calls it."""
        return str(self.path) if self.path else tr("{name} of the ssh agent", name=self.name or "the first one")


@dataclass(frozen=True)
class Unusable:
    """A key file that cannot be used as it is: `locked` by a passphrase, else damaged or not readable."""

    path: Path
    locked: bool


def usable_key(identity: str | None = None) -> Key | None:
    """The key that a login without a question uses: the one in `identity`, else the first default one.

    A file that is not there, that cannot be read or that has a passphrase is passed over.
    """
    return next((one for one in map(_read, _paths(identity)) if isinstance(one, Key)), None)


def unusable_key(identity: str | None = None) -> Unusable | None:
    """The first key that is there and cannot be used as it is; one with a passphrase before a damaged one."""
    found = [one for one in map(_read, _paths(identity)) if isinstance(one, Unusable)]
    return next((one for one in found if one.locked), found[0] if found else None)


def agent_keys() -> list[Key]:
    """Those that the ssh agent would use, in its order; none where there is no agent."""
    from paramiko import Agent, SSHException

    try:
        held = Agent().get_keys()
    except (OSError, SSHException):
        return []
    return [Key(None, f"{one.get_name()} {one.get_base64()} gpustrap", getattr(one, "comment", "")) for one in held]


def unlocked(path: Path, passphrase: str) -> tuple[Key, Any] | None:
    """The key that the passphrase opens, also as paramiko's own; None for a wrong one."""
    from paramiko import PKey, SSHException

    try:
        key = PKey.from_path(path, passphrase.encode())
    except (OSError, ValueError, TypeError, SSHException, _unsupported()):
        return None
    return Key(path, f"{key.get_name()} {key.get_base64()} gpustrap"), key


def new_key_path() -> Path:
    """Where `make_key` puts a key, and where ssh, rsync and editors find it without being told."""
    return Path("~/.ssh").expanduser() / NEW


def may_make_key() -> bool:
    """Whether neither half is there: the public one alone belongs to a key that an agent or a token holds."""
    path = new_key_path()
    return not (os.path.lexists(path) or os.path.lexists(path.with_suffix(".pub")))


def make_key() -> Key:
    """Make an ed25519 key without a passphrase, 0600 from its first byte. Raises OSError, also where a half is."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.generate()
    data = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    path = new_key_path()
    path.parent.mkdir(mode=0o700, exist_ok=True)
    key = Key(path, _line_of(private))
    _write_new(path.with_suffix(".pub"), f"{key.public}\n".encode(), 0o644)
    _write_new(path, data, 0o600)
    return key


def _write_new(path: Path, data: bytes, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)


def _paths(identity: str | None) -> list[Path]:
    if identity:
        return [Path(identity).expanduser()]
    return [Path("~/.ssh").expanduser() / name for name in DEFAULTS]


def _read(path: Path) -> Key | Unusable | None:
    """None where nothing is there."""
    from cryptography.hazmat.primitives import serialization

    try:
        data = path.read_bytes()
        if b"BEGIN OPENSSH PRIVATE KEY" in data:
            return Key(path, _line_of(serialization.load_ssh_private_key(data, password=None)))
        return Key(path, _line_of(serialization.load_pem_private_key(data, password=None)))
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None
    except TypeError:  # how cryptography says that a passphrase is needed
        return Unusable(path, locked=True)
    except (OSError, ValueError, _unsupported()):
        return Unusable(path, locked=False)


def _line_of(private: object) -> str:
    from cryptography.hazmat.primitives import serialization

    public = private.public_key()  # type: ignore[attr-defined]
    line: bytes = public.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return f"{line.decode()} gpustrap"


def _unsupported() -> type[Exception]:
    from cryptography.exceptions import UnsupportedAlgorithm

    return UnsupportedAlgorithm
