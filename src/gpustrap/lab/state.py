"""The lab's own folder: its ssh key, its locks, what it knows of each target.

It is platformdirs' user state folder `gpustrap/lab`, or the folder that GPUSTRAP_LAB_HOME names.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gpustrap.errors import InstanceFailed

Say = Callable[[str], None]  # takes one line of progress for a person


def silent(_line: str) -> None:
    """A `Say` that says nothing."""


def home() -> Path:
    """The lab's folder. It is made, with mode 0700, where it is not there."""
    if chosen := os.environ.get("GPUSTRAP_LAB_HOME"):
        folder = Path(chosen).expanduser().absolute()
    else:
        from platformdirs import user_state_path

        folder = user_state_path("gpustrap") / "lab"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def write_atomic(path: Path, text: str) -> None:
    """Write a 0600 file that readers see whole or not at all. An equal file stays as it is."""
    if path.is_file() and path.read_text() == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False) as new:
        new.write(text)
    Path(new.name).replace(path)


def private_key() -> Path:
    """The lab's own ed25519 key, made on first use; the public half lies beside it as `.pub`."""
    key = home() / "id_ed25519"
    with locked("key"):
        if not public_half(key).is_file():  # ssh-keygen writes the public half last
            key.unlink(missing_ok=True)
            make_key(key)
    return key


def public_key() -> str:
    """The key's public half as one line of authorized_keys."""
    return public_half(private_key()).read_text().strip()


def known_hosts_file(name: str) -> Path:
    """Where a target's host key is kept, also before it is known."""
    return home() / "known_hosts" / name


def public_half(key: Path) -> Path:
    return key.with_suffix(".pub")


def make_key(key: Path) -> None:
    argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "gpustrap-lab", "-f", str(key)]
    try:
        subprocess.run(argv, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        raise InstanceFailed("the lab needs ssh-keygen", hint="install the OpenSSH client") from None
    except subprocess.CalledProcessError as failed:
        raise InstanceFailed(f"ssh-keygen made no key: {failed.stderr.strip()}") from None


@contextmanager
def locked(what: str, say: Say = silent) -> Iterator[None]:
    """Hold the lock `what` against every other process that uses this lab folder.

    Says so when it has to wait. The lock of a process that dies is free at once.
    """
    path = home() / f"{what}.lock"
    held = take(path, say)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)  # still held: whoever waits for this file sees that and takes a new one
        os.close(held)


def take(path: Path, say: Say) -> int:
    """The descriptor that holds the lock of `path`, which is the file that lies there now."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        wait_for(descriptor, path, say)
        if is_current(descriptor, path):
            return descriptor
        os.close(descriptor)


def wait_for(descriptor: int, path: Path, say: Say) -> None:
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say(f"another process works on {path.stem}; waiting for it")
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def is_current(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
