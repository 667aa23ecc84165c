"""What greenlets raise is raised again where they are waited for, so gevent need not print it as well."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import gevent


def hush() -> None:
    """Let gevent print no traceback, which it does by itself for each greenlet that fails and for Ctrl-C."""
    gevent.get_hub().exception_stream = None


def end(greenlets: Sequence[gevent.Greenlet], seconds: float) -> None:
    """End all that still run. One that has not ended within the time is left behind: it raises nothing here."""
    with suppress(gevent.Timeout):  # a BaseException, which would take the place of Ctrl-C's own
        gevent.killall(greenlets, timeout=seconds)
