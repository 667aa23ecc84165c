"""What greenlets raise is raised again where they are waited for, and what ends a run reaches the main one."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType

import gevent

# Ctrl-C, what `timeout` and CI send, a terminal that was closed. One that is ignored (nohup) stays so.
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def hush() -> None:
    """Let gevent print no traceback, which it does by itself for each greenlet that fails and for Ctrl-C.

    Python raises KeyboardInterrupt in whatever greenlet runs when the signal comes. In one of paramiko's threads,
    which are greenlets here, it would be lost: that thread dies, and the run goes on. So the main one gets it.
    """
    gevent.get_hub().exception_stream = None
    for one in ENDING:
        if signal.getsignal(one) in (signal.SIG_DFL, signal.default_int_handler):
            with suppress(ValueError):  # not the main thread
                signal.signal(one, _end_the_main_one)


def _end_the_main_one(_signal: int, _frame: FrameType | None) -> None:
    hub = gevent.get_hub()
    if gevent.getcurrent() is hub.parent:
        raise KeyboardInterrupt
    hub.loop.run_callback_threadsafe(hub.parent.throw, KeyboardInterrupt)


def end(greenlets: Sequence[gevent.Greenlet], seconds: float) -> None:
    """End all that still run. One that has not ended within the time is left behind: it raises nothing here."""
    with suppress(gevent.Timeout):  # a BaseException, which would take the place of Ctrl-C's own
        gevent.killall(greenlets, timeout=seconds)
