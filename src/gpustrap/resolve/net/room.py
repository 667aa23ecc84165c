"""What of the box itself keeps downloads from working: disks, inodes, shared memory, the cgroup's limits. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gpustrap.language import tr
from gpustrap.resolve.net.causes import State
from gpustrap.resolve.net.seen import BY_NOBODY, Room, Seen
from gpustrap.resolve.net.signs import SKEW_SECONDS

GIB_IN_KIB = 2**20
FULL_KIB = 200 * 1024  # less than one wheel of torch's libraries
FULL_SHARE = 0.01
SMALL_SHM_KIB = 256 * 1024  # a container's default is 64 MiB; a DataLoader's worker dies of it with "Bus error"
NEAR = 0.95
SHM = "/dev/shm"


@dataclass(frozen=True)
class Trouble:
    """`word` is for programs, `place` the disk or limit it is about."""

    word: str
    place: str
    state: State
    sentence: str
    mend: str


def troubles(seen: Seen) -> list[Trouble]:
    """Everything that is wrong with the box itself, worst first."""
    found = [*_no_room(seen), *_nobody(seen), *_disks(seen), *_clock(seen), *_limits(seen), *_ipv6(seen)]
    return sorted(found, key=lambda one: one.state != "blocked")


def _nobody(seen: Seen) -> Iterator[Trouble]:
    if seen.asker == BY_NOBODY:
        yield Trouble(
            "no_client",
            "",
            "blocked",
            tr("nothing on the box can ask: it has neither curl nor python3 nor wget"),
            tr("on the box: `apt-get install -y curl`, or `base: {extra: [curl]}` in hosts.yml"),
        )


def _no_room(seen: Seen) -> Iterator[Trouble]:
    if seen.no_room:
        yield Trouble(
            "no_room",
            "",
            "blocked",
            tr("no small file can be written anywhere on the box: its disks are full or read-only; nothing was asked"),
            tr("on the box: `df -h; df -i` shows which; `du -xm / | sort -n | tail` what fills it"),
        )


def _disks(seen: Seen) -> Iterator[Trouble]:
    for room in seen.disks:
        if room.place == SHM and room.size < SMALL_SHM_KIB:
            yield _small_shm(room)
        elif room.place != SHM and room.free < min(FULL_KIB, room.size * FULL_SHARE + 1024):
            yield _full(
                room,
                "disk_full",
                tr("the disk at {place} is full: {mib} MiB are free", place=room.place, mib=room.free // 1024),
            )
    for room in seen.inodes:
        if room.free < room.size * FULL_SHARE:
            yield _full(
                room,
                "inodes_full",
                tr("the disk at {place} has no inodes left: {free} more files", place=room.place, free=room.free),
            )


def _full(room: Room, word: str, sentence: str) -> Trouble:
    what = "du -xm" if word == "disk_full" else "du -x --inodes"
    mend = tr("on the box: `{what} {place} | sort -n | tail` shows what fills it", what=what, place=room.place)
    return Trouble(word, room.place, "blocked", sentence, mend)


def _small_shm(room: Room) -> Trouble:
    return Trouble(
        "shm_small",
        SHM,
        "slow",
        tr("/dev/shm has {mib} MiB: a DataLoader with workers ends with a bus error there", mib=room.size // 1024),
        tr("`torch.multiprocessing.set_sharing_strategy('file_system')`; only the provider can enlarge it"),
    )


def _clock(seen: Seen) -> Iterator[Trouble]:
    if abs(seen.clock_behind or 0) > SKEW_SECONDS:
        behind = seen.clock_behind or 0
        said = tr("{hours:.1f} hours", hours=abs(behind) / 3600)
        way = (
            tr("the box's clock is {said} behind this computer's: certificates may look not valid yet", said=said)
            if behind > 0
            else tr("the box's clock is {said} ahead of this computer's: certificates may look expired", said=said)
        )
        yield Trouble(
            "clock",
            "",
            "blocked",
            way,
            tr("`gpustrap ssh NAME -- date -u -s @$(date +%s)`; where it may not, only the provider can"),
        )


def _ipv6(seen: Seen) -> Iterator[Trouble]:
    """A host that has no such address, or refuses, is no fault of the box's way out."""
    if seen.ipv6 is not None and seen.ipv6.code in (7, 28) and not seen.ipv6.answered and not seen.ipv6.connected:
        yield Trouble(
            "ipv6_broken",
            "IPv6",
            "slow",
            tr("it has a way out by IPv6 that leads nowhere: programs that try it first wait for it"),
            tr("on the box: `echo 'precedence ::ffff:0:0/96 100' >>/etc/gai.conf`: IPv4 is tried first then"),
        )


def _limits(seen: Seen) -> Iterator[Trouble]:
    if seen.memory and seen.memory[1] > seen.memory[0] * NEAR:
        yield Trouble(
            "memory_full",
            "memory.max",
            "slow",
            tr(
                "{used:.1f} of the {limit:.1f} GiB of memory it may use are taken: the next large step may be killed",
                used=seen.memory[1] / 2**30,
                limit=seen.memory[0] / 2**30,
            ),
            tr("on the box: `ps -eo rss,pid,args --sort -rss | head` shows who has it; the page cache counts too"),
        )
    if seen.pids and seen.pids[1] > seen.pids[0] * NEAR:
        yield Trouble(
            "pids_full",
            "pids.max",
            "blocked",
            tr(
                "{used} of {limit} processes and threads that the box may have are there",
                used=seen.pids[1],
                limit=seen.pids[0],
            ),
            tr("fewer threads: `OMP_NUM_THREADS=4` for what starts them"),
        )
