"""The engine: pyinfra through its API, one greenlet and one pyinfra state an instance.

Importing this package makes the process cooperative (gevent), which pyinfra's API asks for before
anything else (facts/pyinfra-3.10.md), so only verbs that reach an instance import it.
"""

from gevent import monkey

monkey.patch_all()

import pyinfra  # noqa: E402
from gevent.local import local  # noqa: E402
from pyinfra.context import ctx_state  # noqa: E402


class _PerGreenlet(local):  # type: ignore[misc]  # gevent has no types
    module = None


# pyinfra keeps the current host per greenlet but the current state per process; with one state an
# instance the state must be per greenlet too, else two instances' operations would mix. The stock
# CLI has set its own one state by the time an inventory imports this, and needs no other.
if not pyinfra.is_cli:
    ctx_state.context._container = _PerGreenlet()
