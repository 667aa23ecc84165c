"""What greenlets raise is raised again where they are waited for, so gevent need not print it as well."""

from __future__ import annotations

import gevent


def hush() -> None:
    """Let gevent print no traceback, which it does by itself for each greenlet that fails and for Ctrl-C."""
    gevent.get_hub().exception_stream = None
