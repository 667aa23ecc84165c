"""The engine: pyinfra through its API, one greenlet and one pyinfra state an instance.

Importing this package makes the process cooperative (gevent), which has to come before pyinfra is imported
(docs.pyinfra.com, "Using the API"), so only verbs that reach an instance import it.
"""

import logging
import subprocess
import sys
from contextlib import suppress
from importlib import import_module
from types import ModuleType, SimpleNamespace
from typing import Any

import gevent
from gevent import events, monkey

# Patching asks 25 times which plugins are installed for it, two thirds of its time; there are none here.
events.notify_and_call_entry_points = events.notify
monkey.patch_all()


MATCH_EXEC_SECONDS = 10


def _run_quietly(command: str, **_: Any) -> SimpleNamespace:
    """What `Match exec` of an ssh_config asks: whether a command of the person's own ends with 0, in time."""
    with suppress(subprocess.TimeoutExpired):
        ended = subprocess.run(
            ["sh", "-c", _unquoted(command)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            timeout=MATCH_EXEC_SECONDS,
        )
        return SimpleNamespace(ok=ended.returncode == 0)
    return SimpleNamespace(ok=False)


def _unquoted(command: str) -> str:
    """paramiko leaves the quotes that ssh_config puts round a command of several words."""
    whole = len(command) > 1 and command[0] == command[-1] == '"' and '"' not in command[1:-1]
    return command[1:-1] if whole else command


# paramiko imports invoke for `Match exec` alone. That takes 60 ms, and its way of reading pipes fails once
# subprocess is cooperative (BlockingIOError, invoke 3.0.3 with gevent 26.9), so this stands in for it.
INVOKE = ModuleType("invoke")
vars(INVOKE)["run"] = _run_quietly
sys.modules.setdefault("invoke", INVOKE)

# What they warn of is said in gpustrap's own words; with `--debug` theirs is shown as well.
for name in ("pyinfra", "paramiko"):
    logging.getLogger(name).addHandler(logging.NullHandler())

from gevent.local import local

from gpustrap.engine import handshake
from gpustrap.engine.type_checks import instead_of_typeguard

handshake.begin()

# In pieces, since the handshakes go on between two of them.
with instead_of_typeguard():
    for name in ("jinja2", "packaging.markers", "pyinfra"):
        import_module(name)
        gevent.idle()
    import pyinfra

    from gpustrap.engine.pyinfra_internals import keep_state_in, read_types_of_arguments_once

read_types_of_arguments_once()


class _PerGreenlet(local):  # type: ignore[misc]  # gevent has no types
    module = None


# pyinfra keeps the current host per greenlet but the current state per process; with one state an
# instance the state must be per greenlet too, else two instances' operations would mix. The stock
# CLI has set its own one state by the time an inventory imports this, and needs no other.
if not pyinfra.is_cli:
    keep_state_in(_PerGreenlet())
