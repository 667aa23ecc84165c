"""The engine: pyinfra through its API, one greenlet and one pyinfra state an instance.

Importing this package makes the process cooperative (gevent), which pyinfra's API asks for before
anything else (facts/pyinfra-3.10.md), so only verbs that reach an instance import it.
"""

import importlib
import logging
import sys
from types import ModuleType
from typing import Any

from gevent import events, monkey

# Patching asks 25 times which plugins are installed for it, two thirds of its time; there are none here.
events.notify_and_call_entry_points = events.notify
monkey.patch_all()


class _LoadedWhenUsed(ModuleType):
    """Stands for a module until one of its attributes is asked for; then imports it."""

    def __getattr__(self, attribute: str) -> Any:
        name = self.__name__
        if sys.modules.get(name) is self:
            del sys.modules[name]
        return getattr(importlib.import_module(name), attribute)


# paramiko uses invoke for `Match exec` in an ssh_config only; its import costs 60 ms.
sys.modules.setdefault("invoke", _LoadedWhenUsed("invoke"))

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
