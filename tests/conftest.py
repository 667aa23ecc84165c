"""For all tests: the engine may be imported in pytest's own process, also in one of pytest-xdist's workers.

The engine must not make this process's threads greenlets and its children gevent's. In a worker the thread that hears
of the next test runs already, and its signals would not come through (LoopExit: this operation would block forever;
gevent 26.9, xdist 3.8). So would those of the process that starts the workers, which reads the conftest.py of a folder
named on the command line before it does: queues that wait for threads are those of threads. And gevent's loop waits for every child of the process: who started one then finds it gone and
takes its exit code for 0.
"""

from __future__ import annotations

import gc
from functools import partial

import hypothesis
import pytest
from gevent import monkey

# As this file is read: a conftest.py below may import the engine before any hook of pytest is called.
monkey.patch_all = partial(monkey.patch_all, thread=False, queue=False, subprocess=False, signal=False, os=False)

# How long an example takes tells of the machine, not of the code.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_collection(session: pytest.Session) -> None:
    """Eleven thousand tests are kept to the end: looking through them for garbage is a twentieth of all the work."""
    gc.disable()


def pytest_collection_finish(session: pytest.Session) -> None:
    gc.freeze()
    gc.enable()
