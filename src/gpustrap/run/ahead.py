"""Modules of later steps, imported while the network answers: between two of them whoever got an answer goes on."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module

import gevent
from gevent.event import Event

# In small pieces, since nothing else is done while one is imported; a piece that a later release of pytest has not
# is imported with the whole.
FOR_FILES = ("jinja2",)
FOR_PROOF = (
    "_pytest._code",
    "_pytest.assertion.rewrite",
    "_pytest.config",
    "_pytest.fixtures",
    "_pytest.main",
    "_pytest.doctest",
    "pytest",
    "testinfra.host",
    "gpustrap.verify.proof",
)

FOR_WORK = ("gpustrap.engine.connector", "gpustrap.engine.facts.survey", "gpustrap.engine.session", "gpustrap.run.work")


def import_engine() -> None:
    """Import what every verb needs that works on an instance: meanwhile the handshakes go on."""
    for name in FOR_WORK:
        gevent.idle()
        import_module(name)
    gevent.idle()


def import_ahead(waits: Event, *, proves: bool = False, **_others: bool) -> None:
    """Import what every run needs later, and what the proof needs, once the network is waited for for longer: between
    the messages of a login there is no time for it."""
    waits.wait()
    for name in (*FOR_FILES, *(FOR_PROOF if proves else ())):
        gevent.idle()
        with suppress(Exception):  # who needs it will say what is wrong with it
            import_module(name)
