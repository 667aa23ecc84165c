"""What the doctor's one exec has seen of a box: values only."""

from __future__ import annotations

from dataclasses import dataclass

from gpustrap.resolve.net.probe import Probe

BY_NOBODY = "none"  # the box has neither curl nor python3 nor wget


@dataclass(frozen=True)
class Room:
    """What a disk has: of blocks (KiB) or of inodes."""

    place: str
    size: int
    free: int


@dataclass(frozen=True)
class Seen:
    """Everything that the doctor's exec has told.

    `proxies` is variable → address without user and password; `clock_behind` how many seconds the box's clock is
    behind this computer's (negative: ahead), None for not told. `memory` and `pids` are the cgroup's limit and use.
    """

    probes: tuple[Probe, ...] = ()
    asker: str = ""
    silent: tuple[str, ...] = ()  # clients that say no URL
    upstreams: tuple[str, ...] = ()  # hosts that clients ask by their own default
    archives: tuple[str, ...] = ()  # hosts that apt knows by itself: the distributions' archives are in their domains
    proxies: tuple[tuple[str, str], ...] = ()
    no_proxy: str = ""
    ca: str = ""  # the file of certificates that the box trusts
    ipv6: Probe | None = None  # one by IPv6 alone, where the box has a route for it
    clock: int | None = None  # seconds since 1970, the box's
    clock_behind: float | None = None
    disks: tuple[Room, ...] = ()
    inodes: tuple[Room, ...] = ()
    memory: tuple[int, int] | None = None
    pids: tuple[int, int] | None = None
    no_room: bool = False  # nothing could be asked, for not even a small file can be written
