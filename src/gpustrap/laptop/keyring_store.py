"""Passwords of logins in the laptop's keyring, where it has one that the library `keyring` can use.

The library is an optional part (`gpustrap[keyring]`): whoever lets a key in, which is offered first, needs no
password a second time. Whatever goes wrong with a keyring, the answer is that nothing is kept there. It is asked by
a process of its own, which is ended after SECONDS: a locked one asks the person to unlock it, in a window that she may
not see, and waits for as long as she does (seen: gnome-keyring 42.1, SecretStorage 3.5.0).
"""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

SECONDS = 20
CHILD = Path(__file__).with_name("keyring_child.py")
_silent: list[bool] = []  # it gave no answer in time: in this run it is asked no more


def keyring_name() -> str | None:
    """What a person calls the keyring; None where there is none."""
    return _asked("name")


def kept(login: str) -> str | None:
    """The password of `user@host:port`; None where none is kept."""
    return _asked("get", login)


def keep(login: str, password: str) -> bool:
    """Whether it is kept now."""
    return _asked("set", login, password) is not None


def forget(login: str) -> None:
    _asked("delete", login)


def gave_no_answer() -> bool:
    """Whether there is one that waited, as a locked one does, until it was left alone."""
    return bool(_silent)


def _asked(what: str, login: str = "", password: str = "") -> str | None:
    if _silent or find_spec("keyring") is None:
        return None
    # -P: a file named keyring.py where the person stands is not the library.
    words, said = [sys.executable, "-P", str(CHILD), what, login], subprocess.DEVNULL
    try:
        done = subprocess.run(
            words, input=password.encode(), stdout=subprocess.PIPE, stderr=said, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        _silent.append(True)
        return None
    except OSError:
        return None
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None
