"""gpustrap in a process of its own that has its imports behind it: two thirds of a short run's work are imports.

`python tests/warm.py ADDRESS` imports the command line and the engine and forks for each request, so that every run has
its own process, folder, environment and streams. What belongs to starting (what is imported when, Ctrl-C while it is,
streams that are closed, locales) is not seen here: tests of that start a Python of their own.
"""

from __future__ import annotations

import _socket
import atexit
import contextlib
import json
import os
import pkgutil
import secrets
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from select import select
from typing import Any, NoReturn

# Python's own, before gevent puts its own in their place: this process shall have no loop that the forks inherit.
fork, wait = os.fork, os.waitpid
leave = os._exit  # which gpustrap guards
READ_AT_START = ("PYTHON", "LC_", "LANG")  # variables of these names are read by a Python as it starts


@dataclass(frozen=True)
class Ran:
    code: int
    stdout: str
    stderr: str


def run(words: Sequence[str], folder: Path, environment: dict[str, str], seconds: float = 300) -> Ran:
    """`gpustrap WORDS` in `folder`, without a stdin. Raises subprocess.TimeoutExpired."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, socket.socket(socket.AF_UNIX) as link:
        link.connect(_server(frozenset(each for each in environment.items() if each[0].startswith(READ_AT_START))))
        link.settimeout(seconds)
        socket.send_fds(link, [b"\n"], [out.fileno(), err.fileno()])
        link.sendall(json.dumps([words, str(folder), environment]).encode() + b"\n")
        with link.makefile() as answers:
            pid = int(answers.readline())
            try:
                code = int(answers.readline())
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                raise subprocess.TimeoutExpired(words, seconds) from None
        return Ran(code, _text(out), _text(err))


@cache
def _server(starting: frozenset[tuple[str, str]]) -> str:
    """The address of a server that started with these variables; it ends when this process does, whatever ends it."""
    address = f"\0gpustrap-tests-{secrets.token_hex(8)}"  # in no folder, so there is nothing to clean up
    others = {name: value for name, value in os.environ.items() if not name.startswith(READ_AT_START)}
    process = subprocess.Popen(
        [sys.executable, __file__, address[1:]],
        env={**others, **dict(starting)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    _kept.append(process)
    return address


_kept: list[subprocess.Popen[bytes]] = []  # the end of a server's stdin is its own


def _text(file: Any) -> str:
    file.seek(0)
    return str(file.read().decode())


def serve(address: str) -> None:
    """Answer each request by a process of its own, until stdin ends."""
    server = _socket.socket(_socket.AF_UNIX)
    server.bind(f"\0{address}")
    server.listen(64)
    _import()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for who answers
    os.write(1, b"ready\n")
    while server in select([server, 0], [], [])[0]:
        descriptor, _ = server._accept()  # type: ignore[attr-defined]
        if fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            server.close()
            _answer(descriptor)
            os._exit(0)
        os.close(descriptor)


def _import() -> None:
    """All of gpustrap, and what its runs import by and by."""
    for module in pkgutil.walk_packages(import_module("gpustrap").__path__, "gpustrap."):
        import_module(module.name)
    later = import_module("gpustrap.run.ahead")
    for name in (*later.FOR_FILES, *later.FOR_PROOF):
        import_module(name)


def _answer(link: int) -> None:
    """Fork what was asked for, and say its process and then its exit code."""
    request, streams = _request(link)
    pid = fork()
    if pid == 0:
        os.close(link)
        _become(*request, streams)
    os.write(link, b"%d\n" % pid)
    os.write(link, b"%d\n" % os.waitstatus_to_exitcode(wait(pid, 0)[1]))


def _request(link: int) -> tuple[Any, list[int]]:
    """Its words, folder and environment, and the descriptors of its stdout and stderr."""
    opened = _socket.socket(fileno=link)
    _, ancillary, _, _ = opened.recvmsg(1, _socket.CMSG_SPACE(8))
    opened.detach()
    text = b""
    while not text.endswith(b"\n"):
        text += os.read(link, 65536)
    return json.loads(text), list(struct.unpack("ii", ancillary[0][2][:8]))


def _become(words: list[str], folder: str, environment: dict[str, str], streams: list[int]) -> NoReturn:
    """Be `gpustrap WORDS`, and end."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, descriptor in enumerate(streams, 1):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(folder)
    sys.path[0] = folder  # as `python -m gpustrap` has it
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[:] = ["gpustrap", *words]
    try:
        import_module("gpustrap.__main__").main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    with contextlib.suppress(BaseException):
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    leave(code)


if __name__ == "__main__":
    serve(sys.argv[1])
