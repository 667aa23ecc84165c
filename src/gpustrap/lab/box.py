"""What the engine says of the lab's containers. Their labels hold all that the lab knows of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gpustrap.errors import InstanceFailed
from gpustrap.lab.engine import Engine

PREFIX = "gpustrap-lab-"  # what the lab makes for the target NAME is called gpustrap-lab-NAME
SSH_PORT = 22
PUBLIC_PORT = 8080  # the one port that a provider publishes


@dataclass(frozen=True)
class Box:
    """One container of the lab, running or not.

    `host` with `ssh_port` and `http_port` is where this machine reaches it: 127.0.0.1 with the published
    ports, or on an internal network its own address ("" when it is not running) with its own ports.
    """

    container: str  # id
    name: str
    release: str
    state: str  # the engine's word: created, running, exited …
    owner: str | None
    key: str  # the public key that it was made with
    network: str | None
    host: str
    ssh_port: int
    http_port: int

    @property
    def is_unfinished(self) -> bool:
        """Made, but never started: whoever made it was cut short."""
        return self.state in ("created", "configured", "initialized")


def find_box(engine: Engine, name: str) -> Box | None:
    """The container of the target `name`. Raises InstanceFailed when one of that name is not the lab's."""
    found = engine.inspect("container", PREFIX + name)
    if not found:
        return None
    if not is_lab(found[0]):
        hint = f"`{engine.name} rename {PREFIX}{name} OTHER` frees the name"
        raise InstanceFailed(f"the container {PREFIX}{name} was not made by the lab", hint=hint)
    return parse(found[0])


def all_boxes(engine: Engine) -> list[Box]:
    """Every target's container, by name."""
    ids = engine.run("ps", "-aq", "--no-trunc", "--filter", "label=gpustrap.release").split()
    return sorted((parse(each) for each in engine.inspect("container", *ids) if is_lab(each)), key=lambda b: b.name)


def is_lab(described: dict[str, Any]) -> bool:
    name = str(described["Name"]).lstrip("/")  # docker writes /NAME
    labels = described["Config"]["Labels"] or {}
    return "gpustrap.release" in labels and name == PREFIX + labels.get("gpustrap.lab", "")


def parse(described: dict[str, Any]) -> Box:
    labels = described["Config"]["Labels"]
    network = labels.get("gpustrap.network")
    ports = described["HostConfig"]["PortBindings"] or {}
    return Box(
        container=described["Id"],
        name=labels["gpustrap.lab"],
        release=labels["gpustrap.release"],
        state=described["State"]["Status"],
        owner=labels.get("gpustrap.owner"),
        key=labels["gpustrap.key"],
        network=network,
        host=address_on(described, network) if network else "127.0.0.1",
        ssh_port=SSH_PORT if network else int(ports[f"{SSH_PORT}/tcp"][0]["HostPort"]),
        http_port=PUBLIC_PORT if network else int(ports[f"{PUBLIC_PORT}/tcp"][0]["HostPort"]),
    )


def address_on(described: dict[str, Any], network: str) -> str:
    """The container's address there; "" while it has none."""
    return str(described["NetworkSettings"]["Networks"].get(PREFIX + network, {}).get("IPAddress", ""))
