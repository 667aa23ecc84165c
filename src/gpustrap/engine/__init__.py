"""The engine: pyinfra through its API, one greenlet and one pyinfra state an instance.

Importing this package makes the process cooperative (gevent), which pyinfra's API asks for before
anything else (facts/pyinfra-3.10.md), so only verbs that reach an instance import it.
"""

import importlib.util
import logging
import sys

from gevent import events, monkey

# Patching asks 25 times which plugins are installed for it, two thirds of its time; there are none here.
events.notify_and_call_entry_points = events.notify
monkey.patch_all()


def _load_when_used(name: str) -> None:
    """Import a module at the first use of one of its attributes (importlib's own recipe)."""
    spec = importlib.util.find_spec(name)
    if name in sys.modules or spec is None or spec.loader is None:
        return
    spec.loader = importlib.util.LazyLoader(spec.loader)
    sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[name])


# paramiko uses invoke for `Match exec` in an ssh_config only; its import costs 60 ms.
_load_when_used("invoke")

import pyinfra
from gevent.local import local
from pyinfra.context import ctx_state


class _PerGreenlet(local):  # type: ignore[misc]  # gevent has no types
    module = None


# pyinfra keeps the current host per greenlet but the current state per process; with one state an
# instance the state must be per greenlet too, else two instances' operations would mix. The stock
# CLI has set its own one state by the time an inventory imports this, and needs no other.
if not pyinfra.is_cli:
    ctx_state.context._container = _PerGreenlet()
    # What they warn of is said in gpustrap's own words; with `--debug` theirs is shown as well.
    for name in ("pyinfra", "paramiko"):
        logging.getLogger(name).addHandler(logging.NullHandler())
