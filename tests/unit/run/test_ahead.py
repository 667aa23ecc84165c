"""What is imported while the network answers: in a process of its own, since all of it is imported here already."""

from __future__ import annotations

import subprocess
import sys

import pytest

WATCHED = """
import sys
import gpustrap.engine
import gevent
from gevent.event import Event
from gpustrap.run.ahead import FOR_FILES, FOR_PROOF, import_ahead
before = [name for name in FOR_PROOF if name in sys.modules]
turns = 0
def other():
    global turns
    while not ahead.ready():
        turns += 1
        gevent.sleep(0.001)
waits = Event()
ahead = gevent.spawn(import_ahead, waits, proves={proves})
gevent.idle()
before += [name for name in FOR_PROOF if name in sys.modules]  # nobody waits for the network yet
waits.set()
gevent.joinall([ahead, gevent.spawn(other)], raise_error=True)
after = [name for name in FOR_PROOF if name in sys.modules]
print(before, after == list(FOR_PROOF), turns > len(FOR_PROOF) / 2 if {proves} else turns > 0, "jinja2" in sys.modules)
"""


@pytest.mark.parametrize(("proves", "says"), [(True, "[] True True True"), (False, "[] False True True")])
def test_what_the_proof_needs_is_imported_in_pieces_between_which_others_go_on(proves, says) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WATCHED.format(proves=proves)], capture_output=True, text=True, timeout=60
    )
    assert (done.stdout.strip(), done.stderr) == (says, "")


def test_what_cannot_be_imported_is_left_to_whoever_needs_it(monkeypatch) -> None:
    from gevent.event import Event

    from gpustrap.run import ahead

    monkeypatch.setattr(ahead, "FOR_FILES", ("no.such.module",))
    waits = Event()
    waits.set()
    ahead.import_ahead(waits, proves=False, makes=True)
