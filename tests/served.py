"""Servers that are programs of their own, on this machine, for as long as a test needs them."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from awaiting import awaited

Words = Callable[[int], Sequence[object]]


@contextmanager
def serving(address: str, words: Words, log: Path, **told: str) -> Iterator[str]:
    """`ADDRESS:PORT`, where the program that `words(port)` start listens. What it says is in `log`."""
    with socket.create_server((address, 0)) as free:
        port = free.getsockname()[1]
    started, environment = [*map(str, words(port))], {**os.environ, **told}
    with log.open("wb") as out, subprocess.Popen(started, stdout=out, stderr=out, env=environment) as process:
        try:
            awaited(lambda: process.poll() is not None or listens(address, port), 120, why=started)
            assert process.poll() is None, log.read_text(errors="replace")
            yield f"{address}:{port}"
        finally:
            process.kill()


def listens(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), 5).close()
    except ConnectionRefusedError:
        return False
    return True
