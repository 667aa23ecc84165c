"""The ports of this machine that lead to a lab target."""

from __future__ import annotations

import random
import socket
from collections.abc import Collection

from gpustrap.errors import InstanceFailed
from gpustrap.lab.box import all_boxes
from gpustrap.lab.engine import Engine
from gpustrap.language import tr

PORTS = range(20000, 32000)  # below the ephemeral ports of Linux and macOS: no outgoing connection takes one


def choose_ports(engine: Engine, name: str, own: tuple[int, int] | None) -> tuple[int, int]:
    """The ports to publish for the target `name`: its `own`, or free ones. The lock "ports" is held till its start.

    A port of another container must never be tried: netavark 1.4 takes the other's rules away together
    with those of the container that could not start, and the other is cut off (seen with podman 4.3.1).
    Raises InstanceFailed where another program has one of its own.
    """
    if own:
        check_free(name, own)
        return own
    return free_ports(published(engine))


def published(engine: Engine) -> set[int]:
    """The ports that lead to boxes of the lab, running or not."""
    if engine.name == "podman":  # one question, where docker tells no ports of a stopped container
        rows = engine.listed("ps", "-a", "--filter", "label=gpustrap.release")
        return {port["host_port"] for row in rows for port in row["Ports"] or ()}
    return {port for box in all_boxes(engine) for port in (box.ssh_port, box.http_port)}


def free_ports(but: Collection[int]) -> tuple[int, int]:
    """Two ports of 127.0.0.1 that nothing listens on at this moment, none of `but`: stopped boxes' ports."""
    free = (port for port in random.sample(PORTS, len(PORTS)) if port not in but and is_free(port))
    return next(free), next(free)


def check_free(name: str, ports: tuple[int, int]) -> None:
    for port in ports:
        if not is_free(port):
            hint = tr("end that program, or `gpustrap lab down {name}` and `lab up` for other ports", name=name)
            raise InstanceFailed(
                tr("another program uses port {port} of lab target '{name}'", port=port, name=name), hint=hint
            )


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a closed connection does not count
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
