"""The forwarder as a child process: what a box makes of it costs this one nothing, and it ends with this one.

It listens nowhere. Its end is known by a socket that only this process holds, so it ends by SIGKILL to this one too.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType

from gpustrap.language import tr
from gpustrap.laptop.allowed import Allowed
from gpustrap.laptop.forwarder_child import LENGTH, READY

# -I and -S: nothing of the person's folder, variables and packages is imported, which would be most of its memory.
START = "import sys; sys.path.append(sys.argv[1]); from gpustrap.laptop.forwarder_child import main; main()"
WORDS = (sys.executable, "-I", "-S", "-c", START, str(Path(__file__).resolve().parents[2]))
END_SECONDS = 1
START_SECONDS = 20  # of a busy computer


class Forwarding:
    """Serves what `connection` gives, and is started anew where it has died. Raises OSError where it cannot start."""

    def __init__(self, allowed: Allowed, token: str):
        told = json.dumps({**asdict(allowed), "token": token}).encode()
        self._told = len(told).to_bytes(LENGTH, "big") + told
        self._one_at_a_time = threading.Lock()
        self._child, self._asks = self._start()

    def __enter__(self) -> Forwarding:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _value: object, _trace: TracebackType | None) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """Of the child that serves now."""
        return self._child.pid

    def connection(self) -> socket.socket:
        """A socket whose other end the child serves. Raises OSError."""
        ours, theirs = socket.socketpair()
        try:
            self._hand(theirs)
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return ours

    def _hand(self, theirs: socket.socket) -> None:
        with self._one_at_a_time:
            try:
                socket.send_fds(self._asks, [b"c"], [theirs.fileno()])
            except OSError:  # it has died
                self.close()
                self._child, self._asks = self._start()
                socket.send_fds(self._asks, [b"c"], [theirs.fileno()])

    def _start(self) -> tuple[subprocess.Popen[bytes], socket.socket]:
        ours, theirs = socket.socketpair()
        with theirs:
            nothing = subprocess.DEVNULL
            child = subprocess.Popen(WORDS, stdin=theirs.fileno(), stdout=nothing, stderr=nothing)
        try:
            _greeted(child, ours, self._told)
        except BaseException:
            _ended(child, ours)
            raise
        return child, ours

    def close(self) -> None:
        """End the child and all its connections."""
        _ended(self._child, self._asks)


def _greeted(child: subprocess.Popen[bytes], ours: socket.socket, told: bytes) -> None:
    """Tell it what it needs, and hear that it serves. Raises OSError."""
    ours.settimeout(START_SECONDS)
    with suppress(BrokenPipeError, ConnectionResetError):  # it has ended, as the next line hears too
        ours.sendall(told)
    try:
        ready = ours.recv(len(READY))
    except ConnectionResetError:
        ready = b""
    except TimeoutError as error:
        raise OSError(tr("it says nothing for {seconds} s", seconds=START_SECONDS)) from error
    if not ready:
        code = child.wait(START_SECONDS)
        what = tr("signal {signal}", signal=-code) if code < 0 else tr("exit code {code}", code=code)
        raise OSError(tr("it ends at once, by {what}", what=what))
    ours.settimeout(None)


def _ended(child: subprocess.Popen[bytes], asks: socket.socket) -> None:
    asks.close()
    with suppress(subprocess.TimeoutExpired):
        child.wait(END_SECONDS)
    child.kill()
    child.wait()
