from __future__ import annotations

from dataclasses import replace

import pytest

from gpustrap.resolve.net.probe import Probe
from gpustrap.resolve.net.room import GIB_IN_KIB, troubles
from gpustrap.resolve.net.seen import Room, Seen

GIB = GIB_IN_KIB
WELL = Seen(
    asker="curl",
    clock_behind=2.0,
    disks=(Room("/", 50 * GIB, 20 * GIB), Room("/dev/shm", 8 * GIB, 8 * GIB)),
    inodes=(Room("/", 3_000_000, 2_000_000),),
    memory=(32 * 2**30, 2**30),
    pids=(1024, 60),
)


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (WELL, []),
        (Seen(asker="curl"), []),
        (replace(WELL, asker="none"), ["no_client"]),
        (Seen(no_room=True), ["no_room"]),
        (replace(WELL, disks=(Room("/", 50 * GIB, 3 * 1024),)), ["disk_full"]),
        (replace(WELL, disks=(Room("/", 50 * GIB, 0), Room("/tmp", GIB, 0))), ["disk_full", "disk_full"]),
        (replace(WELL, disks=(Room("/data", 64 * 1024, 60 * 1024),)), []),
        (replace(WELL, disks=(Room("/dev/shm", 64 * 1024, 0),)), ["shm_small"]),
        (replace(WELL, inodes=(Room("/", 3_000_000, 7),)), ["inodes_full"]),
        (replace(WELL, clock_behind=-7200.0), ["clock"]),
        (replace(WELL, clock_behind=None), []),
        (replace(WELL, memory=(2**30, 2**30)), ["memory_full"]),
        (replace(WELL, ipv6=Probe("ipv6", "a.lan", 28)), ["ipv6_broken"]),
        (replace(WELL, ipv6=Probe("ipv6", "a.lan", 7, address="-")), ["ipv6_broken"]),
        (replace(WELL, ipv6=Probe("ipv6", "a.lan", 6)), []),
        (replace(WELL, ipv6=Probe("ipv6", "a.lan", 28, address="2001::1")), []),
        (replace(WELL, ipv6=Probe("ipv6", "a.lan", 0, status=200)), []),
        (replace(WELL, memory=(2**30, 2**30), pids=(1024, 1024)), ["pids_full", "memory_full"]),
    ],
)
def test_what_the_box_lacks_is_told_the_worst_first(seen, words):
    assert [one.word for one in troubles(seen)] == words
    assert all(one.sentence and one.mend for one in troubles(seen))


def test_a_clock_that_is_wrong_is_told_with_its_direction():
    (ahead,), (behind,) = (troubles(replace(WELL, clock_behind=by)) for by in (-7200.0, 7200.0))
    assert "2.0 hours ahead of" in ahead.sentence
    assert "2.0 hours behind" in behind.sentence
