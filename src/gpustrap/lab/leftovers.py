"""What dead processes left: containers, volumes and networks whose owner no longer runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from gpustrap.lab.box import PREFIX, TargetName, name_of
from gpustrap.lab.engine import Engine, EngineFailed
from gpustrap.lab.owner import is_alive

# In this order: a container holds its volume and its network.
LISTINGS = {"container": ("ps", "-aq"), "volume": ("volume", "ls", "-q"), "network": ("network", "ls", "-q")}
REMOVALS = {"container": ("rm", "-f"), "volume": ("volume", "rm"), "network": ("network", "rm")}


LOOK_AGAIN_S = 60.0  # a look is six calls of the engine, each 30 ms of a processor
_next_look = 0.0


def remove_leftovers_at_times(engine: Engine) -> None:
    """As `remove_leftovers`, once a minute: for a process that makes many boxes, one after the other."""
    global _next_look
    if time.monotonic() >= _next_look:
        remove_leftovers(engine)
        _next_look = time.monotonic() + LOOK_AGAIN_S


def remove_leftovers(engine: Engine) -> None:
    """Remove everything that carries the mark of a process that is gone. What has no owner stays."""
    for kind in LISTINGS:
        for name, labels in labelled(engine, kind, "gpustrap.owner"):
            owner = labels.get("gpustrap.owner")  # podman 3 does not tell a network's labels
            if owner and not is_alive(owner):
                remove(engine, kind, name)


def remove_volume(engine: Engine, target: TargetName) -> bool:
    """Remove a target's data. False where there was none of the lab's."""
    found = engine.inspect("volume", PREFIX + target.key)
    own = bool(found) and labels_of(found[0]).get("gpustrap.lab") == target.name
    return own and remove(engine, "volume", PREFIX + target.key)


def remove_network(engine: Engine, network: str) -> bool:
    """Remove an internal network of the lab's, unless another box is still on it."""
    listed = labelled(engine, "network", f"gpustrap.lab={network}")
    own = [name for name, _ in listed if name == PREFIX + network]
    return any([remove(engine, "network", name) for name in own])


def labelled(engine: Engine, kind: str, label: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Name and labels of each thing of this kind that carries the label (`KEY` or `KEY=VALUE`)."""
    names = engine.names(*LISTINGS[kind], "--filter", f"label={label}")
    for described in engine.inspect(kind, *names):
        yield name_of(described), labels_of(described)


def labels_of(described: dict[str, Any]) -> dict[str, str]:
    holder = described.get("Config") or described
    return dict(holder.get("Labels") or holder.get("labels") or {})


def remove(engine: Engine, kind: str, name: str) -> bool:
    """Remove one thing. False where another process was faster, or something still uses it."""
    try:
        engine.run(*REMOVALS[kind], name)
    except EngineFailed:
        return False
    return True
