"""Session channels of one connection: the next one is opened ahead, so that a further command is one round trip.

A box that refuses a second session gets one at a time, and one that ends an idle session gets a new one.
"""

from __future__ import annotations

from contextlib import suppress

import gevent
from paramiko import Channel, ChannelException, SSHClient, SSHException

from gpustrap.language import tr

SESSION_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)
SEND_BYTES = 256 * 1024  # that paramiko is given at a time


class Sessions:
    """Starts commands, each in a session of its own. Not to be shared between greenlets."""

    def __init__(self, client: SSHClient) -> None:
        self._client = client
        self._started = False
        self._refused = False  # a session beside another, or a command in one that was opened ahead
        self._ahead: gevent.Greenlet | None = None

    def start(self, request: str, stdin: bytes) -> Channel:
        """A session that runs the request. Raises ChannelException, or what a lost connection raises."""
        spare = self._spare()
        if self._started:  # the first may be all: an unchanged run has no second one beside it
            self.open_ahead()  # its answer comes with that of the request
        channel = self._by_spare(spare, request, stdin) or _begun(self._patiently(), request, stdin)
        self._started = True
        return channel

    def open_ahead(self) -> None:
        """Ask for the session of the next command, without waiting for it."""
        if self._ahead is None and not self._refused:
            self._ahead = gevent.spawn(self._opened)

    def close(self) -> None:
        """Wait for no session any more."""
        if self._ahead is not None:
            self._ahead.kill(block=False)

    def _open(self) -> Channel:
        transport = self._client.get_transport()
        if transport is None:
            raise SSHException(tr("the connection is closed"))
        return transport.open_session()

    def _opened(self) -> Channel | None:
        try:
            return self._open()
        except ChannelException:
            self._refused = True
        except (OSError, EOFError, SSHException):
            pass  # the connection is lost, as the next command will say
        return None

    def _spare(self) -> Channel | None:
        """The session that was opened ahead, once it is."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            ahead.join()
        return ahead.value if ahead is not None else None

    def _by_spare(self, spare: Channel | None, request: str, stdin: bytes) -> Channel | None:
        """A session that ended before it has begun with the request has not run it: it may be asked anew."""
        if spare is not None:
            with suppress(SSHException):
                return _begun(spare, request, stdin)
            self._refused = True
        return None

    def _patiently(self) -> Channel:
        """A new session. Where one at a time is allowed (MaxSessions 1), the last one's end may not be through yet."""
        for pause in SESSION_PAUSES:
            try:
                return self._open()
            except ChannelException:
                gevent.sleep(pause)
        return self._open()


def _begun(channel: Channel, request: str, stdin: bytes) -> Channel:
    """The channel, once the request is accepted. What goes to its stdin follows at once, beside the reading.

    A command that prints before it reads must not wait for us, and we not for the word that it is accepted.
    """
    sending = gevent.spawn(_send, channel, stdin)  # it has its turn when the request is on its way
    try:
        channel.exec_command(request)
    except BaseException:
        sending.kill(block=False)
        raise
    return channel


def _send(channel: Channel, stdin: bytes) -> None:
    with suppress(OSError, EOFError, SSHException):  # the command may end before it has read all
        # paramiko copies all that is left for each packet: of a big whole that is most of the time.
        for at in range(0, len(stdin), SEND_BYTES):
            channel.sendall(stdin[at : at + SEND_BYTES])
        channel.shutdown_write()
