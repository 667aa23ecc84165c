"""ssh's key exchange over the connections that were begun early: it goes on while the rest of the engine is imported.

A login takes five round trips after TCP's own. The first two need nothing that is not known yet, and two that paramiko
makes of the login itself are one here.
"""

from __future__ import annotations

import hmac
import threading
from contextlib import suppress
from typing import Any

import gevent
from paramiko import HostKeys, Message, SSHException, Transport, util
from paramiko import ServiceRequestingTransport as Requesting  # type: ignore[attr-defined]  # not in its stubs
from paramiko.common import cMSG_SERVICE_REQUEST
from paramiko.config import SSH_PORT

from gpustrap.laptop import links
from gpustrap.laptop.links import Link

# The gateways of some providers answer late when they are busy: paramiko then says "Error reading SSH protocol
# banner" after its own 15 s (seen with gpushare).
BANNER_SECONDS = 60

# paramiko compares the digest of each packet byte by byte in Python; this takes as long wherever they differ, too.
vars(util)["constant_time_bytes_eq"] = hmac.compare_digest


class Handshake(Requesting):  # type: ignore[misc]
    """A transport whose key exchange begins when it is made: to start it is to wait for the exchange's end.

    It does not wait for the word that it may log in before it does: a server reads both in their order.
    """

    def __init__(self, sock: Any, key_type: str | None):
        super().__init__(sock)
        self.banner_timeout = BANNER_SECONDS
        if key_type:
            self.prefer(key_type)
        self._exchanged = threading.Event()
        self._may_log_in = False
        super().start_client(self._exchanged)

    def ensure_session(self) -> None:
        """Ask once for the service that logs in. Raises SSHException where the connection is not there."""
        if not (self.is_active() and self.initial_kex_done):
            raise SSHException("No existing session")
        if not self._may_log_in:
            self._may_log_in = True
            request = Message()
            request.add_byte(cMSG_SERVICE_REQUEST)
            request.add_string("ssh-userauth")
            self._send_message(request)
            self.auth_handler = self.get_auth_handler()

    def prefer(self, key_type: str) -> None:
        """Ask for the kind of host key that is known, as paramiko's client does before it starts a transport."""
        options = self.get_security_options()
        options.key_types = [key_type, *(other for other in options.key_types if other != key_type)]

    def start_client(self, event: Any = None, timeout: float | None = None) -> None:  # noqa: ARG002 (paramiko's)
        """Raises what ended the exchange."""
        self._exchanged.wait(timeout)
        if not self.is_active():
            raise self.get_exception() or SSHException("Negotiation failed.")

    @property
    def has_ended(self) -> bool:
        """Whether the exchange was made and the other side has gone since: who waits for a person may come too late."""
        return bool(self.initial_kex_done and not self.is_active())


_begun: dict[tuple[str, int], gevent.Greenlet] = {}


def begin() -> None:
    """Begin a key exchange over each connection that was begun."""
    for link in links.take_all():
        _begun[link.host, link.port] = gevent.spawn(_shake_hands, link)


def any_begun() -> bool:
    """Whether there is one. Where the engine was there before the connections, they are begun now."""
    begin()
    return bool(_begun)


def take(host: str, port: int) -> Transport | None:
    """The transport to there, once; None where whoever connects anew will hear why there is none.

    Raises TimeoutError, which need not be waited for twice.
    """
    if (host, port) not in _begun:
        return None
    made = _begun.pop((host, port)).get()
    if isinstance(made, TimeoutError):
        raise made
    return None if made is None or made.has_ended else made


def _shake_hands(link: Link) -> Handshake | TimeoutError | None:
    try:
        sock = link.wait()
    except TimeoutError as error:
        return error
    return Handshake(sock, known_type(link)) if sock else None


def known_type(link: Link) -> str | None:
    """Of which kind the host's key is that is known: the first one, as paramiko's client takes it."""
    name = link.host if link.port == SSH_PORT else f"[{link.host}]:{link.port}"
    with suppress(Exception):  # whoever logs in reads the file again, and says what is wrong with it
        if known := HostKeys(str(link.known_hosts)).lookup(name):
            return known.keys()[0]
    return None
