"""The lab's own folder: its ssh key, its locks, what it knows of each target.

It is platformdirs' user state folder `gpustrap/lab`, or the folder that GPUSTRAP_LAB_HOME names.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from gpustrap.errors import InstanceFailed
from gpustrap.language import tr
from gpustrap.laptop import locks
from gpustrap.laptop.atomic import write_atomically

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


def write_if_new(path: Path, text: str) -> None:
    """Write the file as a whole; an equal one stays as it is."""
    if not path.is_file() or path.read_text() != text:
        write_atomically(path, text)


def private_key() -> Path:
    """The lab's own ed25519 key, made on first use; the public half lies beside it as `.pub`."""
    key = home() / "id_ed25519"
    if not public_half(key).is_file():  # ssh-keygen writes the public half last
        with locked("key"):
            if not public_half(key).is_file():  # by whoever held the lock
                key.unlink(missing_ok=True)
                make_key(key)
    return key


def public_key() -> str:
    """The key's public half as one line of authorized_keys."""
    return public_half(private_key()).read_text().strip()


def known_hosts_file(key: str) -> Path:
    """Where the host key of the target of this key is kept, also before it is known."""
    return home() / "known_hosts" / key


def public_half(key: Path) -> Path:
    return key.with_suffix(".pub")


def make_key(key: Path) -> None:
    argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "gpustrap-lab", "-f", str(key)]
    try:
        subprocess.run(argv, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        raise InstanceFailed(tr("the lab needs ssh-keygen"), hint=tr("install the OpenSSH client")) from None
    except subprocess.CalledProcessError as failed:
        raise InstanceFailed(tr("ssh-keygen made no key: {stderr}", stderr=failed.stderr.strip())) from None


def locked(what: str, say: Say = silent) -> AbstractContextManager[None]:
    """Hold the lock `what` against every other process and instance that uses this lab folder.

    Says so when it has to wait, and lets this process's other instances go on meanwhile.
    """
    return locks.locked(
        lock_file(what), lambda: say(tr("{what} is being worked on elsewhere; waiting for it", what=what))
    )


def lock_file(what: str) -> Path:
    return home() / f"{what}.lock"
