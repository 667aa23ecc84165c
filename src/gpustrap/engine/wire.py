"""Commands on one instance over an ssh connection that is open: each answer framed, bounded in time and size.

A connection that gives no sign of life is ended by a watch, so that nothing waits for it for long.
"""

from __future__ import annotations

import base64
import secrets
import shlex
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import gevent
from paramiko import Channel, ChannelException, SSHClient, SSHException
from pydantic import SecretStr

from gpustrap.engine.batch import Answer
from gpustrap.engine.failures import of_lost, of_silence, of_too_much
from gpustrap.engine.frame import ERRORS, STREAMS, Frame, TooMuch, framed
from gpustrap.engine.lines import Lines
from gpustrap.engine.no_shell import EATEN, of_no_begin, of_no_session, of_no_shell
from gpustrap.engine.sessions import Sessions
from gpustrap.errors import InstanceFailed
from gpustrap.language import tr

WATCH_SECONDS = 10  # between two signs of life that are asked for
SILENCE_SECONDS = 20  # without an answer to one, the connection is dead
MOST_BYTES = 8_000_000  # of each output of one command
PIECE = 65536
STATUS_SECONDS = 2
BEGIN_SECONDS = 45  # until the login shell has begun with a command; slow start-up files take some
OURS = ": gpustrap; "  # by this the lock knows our shells in the list of processes (scripts/lock.sh)
# A file over `ulimit -f` is then an error in words, not a silent death.
SIGNAL = 'trap "" XFSZ; '
# Where `sh` is bash it takes the functions that start-up files export (`export -f grep`), and those would be run in the
# place of the programs; and the options of an exported SHELLOPTS or BASHOPTS.
_OF_BASH = (
    "set +eCfkuvxT; shopt -u extdebug failglob nullglob dotglob nocaseglob nocasematch xpg_echo; "
    "unset GLOBIGNORE EXECIGNORE FUNCNEST; unset -f $(compgen -A function)"
)
BARE = f"case ${{BASH_VERSION-}} in ?*) {_OF_BASH} ;; esac; "
# Start-up files may leave none, or one that leads nowhere.
PATH = 'PATH="${PATH:+$PATH:}/usr/bin:/bin"; export PATH; '
HOME = '[ "$HOME" ] || { HOME=$(getent passwd "$(id -u)" | cut -d: -f6); export HOME; }; '
NO_STATUS = -1  # paramiko's, for a channel that was closed without one

# An argument may have 128 KiB (Linux, MAX_ARG_STRLEN); the login shell gets the request as one.
_MOST_IN_REQUEST = 90_000

# What sudo allows; -E may be denied (NOSETENV). With use_pty sudo itself reads what stands on stdin.
_MAY = (
    "e=-E; sudo -n -E true </dev/null >/dev/null 2>&1 || "
    '{ e=; sudo -n true </dev/null >/dev/null 2>&1 || exec sh -c "$i"; }'
)


# A start-up file that reads stdin takes what is in front: then the script does not begin as it does.
_WHY = f"command -v head >/dev/null || echo head: not found; echo {EATEN}"
_BY_STDIN = f'i=$(head -c {{}}); case $i in "{STREAMS[:6]}"*) eval "$i" ;; *) {_WHY} ;; esac'

Takers = tuple[Callable[[bytes], None], Callable[[bytes], None]]  # of stdout and of stderr


class Wire:
    """Runs commands over one connection. Not to be shared between greenlets."""

    def __init__(self, client: SSHClient, user: str = "root", sudo_password: SecretStr | None = None):
        self._client = client
        self._by_sudo = user != "root"
        self._sudo_password = sudo_password
        self.environment = ""  # shell text before each command; it may hold secrets, so it never travels in argv
        self._lost: InstanceFailed | None = None
        self._sessions = Sessions(client)
        self._watch = gevent.spawn(self._keep_watch)

    @property
    def alive(self) -> bool:
        transport = self._client.get_transport()
        return transport is not None and transport.is_active()

    def run(
        self,
        command: str,
        *,
        stdin: bytes = b"",
        seconds: float | None = None,
        on_line: Callable[[str], None] | None = None,
        on_data: Callable[[bytes], None] | None = None,
        takers: Takers | None = None,
    ) -> Answer:
        """What `command`, which is complete shell syntax, gives; `on_line` hears each line as it comes.

        `on_data` hears what comes on stdout, byte by byte the same. `takers` get each output instead of the answer,
        however long it is.

        Raises InstanceFailed where no shell answers, the connection is lost, the time is over (None: no limit)
        or the answer is too long.
        """
        mark = f"gpustrap-{secrets.token_hex(8)}"
        with within(seconds):
            channel = self._open(framed(self.environment + command, mark), stdin)
            try:
                return _Reading(channel, mark, on_line, on_data, takers).answer(self._lost_reason)
            finally:
                with suppress(OSError, EOFError, SSHException):
                    channel.close()
                    self._sessions.open_ahead()

    def until_lost(self) -> InstanceFailed:
        """Wait until the connection has ended; why it has."""
        transport = self._client.get_transport()
        if transport is not None:
            transport.join()
        return self._lost_reason()

    def close(self) -> None:
        """End the connection; one that does not answer is not waited for."""
        self._watch.kill(block=False)
        self._sessions.close()
        with gevent.Timeout(0.5, False), suppress(Exception):
            self._client.close()

    def _open(self, script: str, stdin: bytes) -> Channel:
        """Start a script. It travels in the request itself, which saves a round trip, where it is short enough."""
        if self._client.get_transport() is None:
            raise self._lost_reason()
        packed, whole = _packed(script), script.encode()
        in_request = len(packed) < _MOST_IN_REQUEST and not self.environment and not stdin
        # `head` takes no byte more than it is told: what follows the script is the command's own stdin.
        request = OURS + (f'eval "$(echo {packed} | base64 -d)"' if in_request else _BY_STDIN.format(len(whole)))
        password = b""
        if self._by_sudo:
            request, password = self._as_root(request)
        try:
            # Read by whatever login shell there is: bash, dash, zsh and fish agree on these words.
            data = password + (b"" if in_request else whole) + stdin
            return self._sessions.start(f"/bin/sh -c '{BARE}{SIGNAL}{PATH}{HOME}{request}'", data)
        except ChannelException as refused:
            raise of_no_session(refused.text) from refused
        except (OSError, EOFError, SSHException) as error:
            raise self._lost or of_lost(error) from error

    def _as_root(self, inner: str) -> tuple[str, bytes]:
        """The request that runs `inner` by sudo where that is allowed, and what sudo reads before: the password.

        HOME, PATH and the variables stay the login's own: it is that person's machine. The password goes by stdin,
        never in argv; -k makes sudo read it whether or not it was told before.
        """
        password = self._sudo_password
        how = "-k -S -p '' -E" if password else "-n $e"
        outer = (
            f"i={shlex.quote(inner)}\n"
            + ("" if password else f"{_MAY}\n")
            + f'exec sudo {how} env HOME="$HOME" PATH="$PATH:/usr/sbin:/sbin" sh -c "$i"\n'
        )
        secret = f"{password.get_secret_value()}\n".encode() if password else b""
        return f'eval "$(echo {_packed(outer)} | base64 -d)"', secret

    def _lost_reason(self) -> InstanceFailed:
        return self._lost or of_lost(None)

    def _keep_watch(self) -> None:
        """Ask for a sign of life now and then. OpenSSH answers a request that it does not know, too."""
        while True:
            gevent.sleep(WATCH_SECONDS)
            transport = self._client.get_transport()
            if transport is None or not transport.is_active():
                return
            try:
                with gevent.Timeout(SILENCE_SECONDS):
                    transport.global_request("keepalive@gpustrap", wait=True)
            except gevent.Timeout:
                self._lost = of_silence(SILENCE_SECONDS)
                transport.close()
                return
            except (OSError, EOFError, SSHException):
                return


class _Reading:
    """Both outputs of one command, read at the same time."""

    def __init__(
        self,
        channel: Channel,
        mark: str,
        on_line: Callable[[str], None] | None = None,
        on_data: Callable[[bytes], None] | None = None,
        takers: Takers | None = None,
    ):
        self._channel = channel
        self._data: tuple[list[bytes], list[bytes]] = ([], [])
        self._late = False  # the command was not begun in time
        lines = [Lines(on_line).take] if on_line else []
        out, err = self._data
        of_out, of_err = takers or (
            self._taker(out, [*lines, on_data] if on_data else lines),
            self._taker(err, lines),
        )
        most = sys.maxsize if takers else MOST_BYTES
        self._frames = [Frame(mark, most, of_out), Frame(mark + ERRORS, most, of_err)]

    @staticmethod
    def _taker(taken: list[bytes], hearing: Sequence[Callable[[bytes], None]]) -> Callable[[bytes], None]:
        def take(data: bytes) -> None:
            for hear in (taken.append, *hearing):
                hear(data)

        return take

    def answer(self, lost: Callable[[], InstanceFailed]) -> Answer:
        sides = zip(self._frames, (self._channel.recv, self._channel.recv_stderr), strict=True)
        readers = [gevent.spawn(_read, frame, receive) for frame, receive in sides]
        patience = gevent.spawn_later(BEGIN_SECONDS, self._wait_no_more, readers)
        try:
            gevent.joinall(readers, raise_error=True, count=1)
            # Where stderr leads nowhere it may be open for as long as what a start-up file has left behind.
            over = self._frames[0].status is not None and not self._frames[1].begun
            gevent.joinall(readers, raise_error=True, timeout=STATUS_SECONDS if over else None)
        except TooMuch as much:
            raise of_too_much(MOST_BYTES) from much
        finally:
            gevent.killall([patience, *readers], block=False)
        return self._whole(lost)

    def _wait_no_more(self, readers: list[gevent.Greenlet]) -> None:
        """A menu, a program that asks, a start-up file that hangs: nothing of ours was begun."""
        if not any(frame.begun for frame in self._frames):
            self._late = True
            gevent.killall(readers)
            for frame in self._frames:
                frame.close()

    def _whole(self, lost: Callable[[], InstanceFailed]) -> Answer:
        out, err = self._frames
        if out.status is not None:
            return Answer(out.status, b"".join(self._data[0]), b"".join(self._data[1]))
        noise = (out.noise or err.noise).decode("utf-8", "replace")
        if self._late:
            raise of_no_begin(BEGIN_SECONDS, noise)
        self._channel.status_event.wait(STATUS_SECONDS)  # it may come after the outputs' end
        status = self._channel.exit_status
        if status == NO_STATUS:
            raise lost()
        if out.begun:
            raise InstanceFailed(
                tr("the shell that ran a command was ended from outside (exit {status})", status=status)
            )
        raise of_no_shell(status, noise)


def _read(frame: Frame, receive: Callable[[int], bytes]) -> None:
    try:
        # Not until the stream ends: what a start-up file has left in the background may hold it open.
        while frame.status is None and (data := receive(PIECE)):
            frame.feed(data)
    except (OSError, EOFError, SSHException):
        pass  # a frame without its end says that the answer is not whole
    frame.close()


def _packed(script: str) -> str:
    return base64.b64encode(script.encode()).decode()


def within(seconds: float | None) -> Any:
    """A time limit whose end is an InstanceFailed."""
    limit = tr("no answer within {seconds:g} s", seconds=seconds) if seconds is not None else ""
    return gevent.Timeout(
        seconds, InstanceFailed(limit, hint=tr("is the instance overloaded, or is a program hanging?"))
    )
