"""What listens on a box for others than itself, and who of them is known. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from gpustrap.catalog.exposed import exposed_by
from gpustrap.catalog.listeners import load_listeners
from gpustrap.language import tr


@dataclass(frozen=True)
class Listener:
    """One socket that is bound for others, and a process that holds it.

    `pid` is None where none is seen: it is hidden, of the kernel, or of the machine around a container. `user` is the
    socket's, `program` the path of what runs, `service` the one of ours that started it.
    """

    protocol: str  # tcp, udp
    address: str
    port: int
    pid: int | None = None
    user: str = ""
    program: str = ""
    command: str = ""
    service: str = ""

    @property
    def name(self) -> str:
        return PurePosixPath(self.program.removesuffix(" (deleted)")).name

    @property
    def place(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port} ({self.protocol})"

    def __str__(self) -> str:
        by = tr(", by {user}", user=self.user) if self.user else ""
        if self.pid is None:
            return tr("a process that cannot be seen from here{by}", by=by)
        what = f": {self.command}" if self.command else ""
        return f"{self.name or '?'} (PID {self.pid}{what}{by})"


@dataclass(frozen=True)
class Listening:
    """All of them; not `whole` where they could not be read, or are more than anybody has."""

    listeners: tuple[Listener, ...] = ()
    whole: bool = False


def strangers(seen: Listening, provider: str, allowed: Iterable[str | int], ports: Iterable[int]) -> dict[str, str]:
    """Place → what is wrong there, a sentence each; nothing for those that are known.

    Known are sshd and the like, the provider's own programs, what gpustrap started, and what hosts.yml allows by port,
    `PORT/udp` or program. On another port than those of services, `ports`, a service gives nothing away either.
    """
    words, own = {str(each) for each in allowed}, set(ports)
    known = {_socket(one) for one in seen.listeners if _is_known(one, provider, words)}
    others = {one.place: _unknown(one) for one in seen.listeners if _socket(one) not in known}
    return others | {one.place: why for one in seen.listeners if (why := _open(one, own, words))}


def _socket(one: Listener) -> tuple[str, str, int]:
    return one.protocol, one.address, one.port


def _is_known(one: Listener, provider: str, words: set[str]) -> bool:
    return bool(one.service) or _is_allowed(one, words) or any(row.is_it(one, provider) for row in load_listeners())


def _is_allowed(one: Listener, words: set[str]) -> bool:
    return bool({str(one.port), f"{one.port}/{one.protocol}", one.name} & words)


def _unknown(one: Listener) -> str:
    return tr(
        "{place} is open to others: {who}; end it, have it listen on 127.0.0.1, or write `allow_listening: [{port}]`",
        place=one.place,
        who=one,
        port=one.port if one.protocol == "tcp" else f"{one.port}/{one.protocol}",
    )


def _open(one: Listener, own: set[int], words: set[str]) -> str:
    """Of a program that a service runs on a port that hosts.yml does not tell of: nobody has asked whom it lets in."""
    program = exposed_by(one.command) if one.service and one.port not in own and not _is_allowed(one, words) else None
    if program is None or not program.is_open(one.command, {}):
        return ""
    return tr(
        "{place} is open to others: {name} of the service {service} gives {what} to everybody; write its `port`, or"
        " have it listen on 127.0.0.1",
        place=one.place,
        name=program.name,
        service=one.service,
        what=tr(program.gives),
    )
