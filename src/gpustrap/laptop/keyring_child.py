"""A process of its own that asks the keyring: `keyring_child.py name|get|set|delete LOGIN`. It imports nothing of ours.

A password goes out by stdout and comes in by stdin, never by argv. The exit status is 0 where there is an answer.
"""

from __future__ import annotations

import sys

SERVICE = "gpustrap"


def main(what: str, login: str) -> None:
    """Print what is asked for; leave with 1 where there is none."""
    import keyring

    backend = keyring.get_keyring()
    if backend.priority <= 0:  # those that stand for "there is none"
        raise SystemExit(1)
    answer = _answer(backend, what, login)
    sys.stdout.buffer.write(answer.encode())
    raise SystemExit(0 if answer else 1)


def _answer(backend: object, what: str, login: str) -> str:
    if what == "name":
        return str(backend.name)  # type: ignore[attr-defined]
    if what == "get":
        return backend.get_password(SERVICE, login) or ""  # type: ignore[attr-defined]
    if what == "set":
        backend.set_password(SERVICE, login, sys.stdin.buffer.read().decode())  # type: ignore[attr-defined]
    else:
        backend.delete_password(SERVICE, login)  # type: ignore[attr-defined]
    return "done"


if __name__ == "__main__":
    main(*sys.argv[1:])
