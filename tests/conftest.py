"""For all tests: the engine may be imported in one of pytest-xdist's workers."""

from __future__ import annotations

from functools import partial

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Keep the engine from making a worker's threads greenlets: the one that hears of the next test runs already,
    and its signals would not come through (LoopExit: this operation would block forever; gevent 26.9, xdist 3.8).
    """
    if hasattr(config, "workerinput"):
        from gevent import monkey

        monkey.patch_all = partial(monkey.patch_all, thread=False)
