"""What the engine says of the lab's containers. Their labels hold all that the lab knows of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gpustrap.errors import InstanceFailed
from gpustrap.lab.engine import Engine
from gpustrap.language import tr
from gpustrap.laptop.paths import project_digest

PREFIX = "gpustrap-lab-"  # what the lab makes for the target of this key is called gpustrap-lab-KEY
SSH_PORT = 22
PUBLIC_PORT = 8080  # the one port that a provider publishes


@dataclass(frozen=True)
class TargetName:
    """A target's name, and the project that means it: two projects may both have a `demo`."""

    name: str
    project: Path | None = None

    @property
    def key(self) -> str:
        """What the target's things are called by: `demo-1a2b3c4d`, or `demo` where it is no project's."""
        return f"{self.name}-{project_digest(self.project)}" if self.project else self.name


@dataclass(frozen=True)
class Box:
    """One container of the lab, running or not.

    `host` with `ssh_port` and `http_port` is where this machine reaches it: 127.0.0.1 with the published
    ports, or on an internal network its own address ("" when it is not running) with its own ports.
    """

    container: str  # id
    target: TargetName
    release: str
    flavour: str | None
    user: str  # who logs in
    state: str  # the engine's word: created, running, exited …
    owner: str | None
    key: str  # the public key that it was made with
    network: str | None
    host: str
    ssh_port: int
    http_port: int

    @property
    def name(self) -> str:
        return self.target.name

    @property
    def kind(self) -> str:
        """`debian-12`, or with its flavour `debian-12 vast`."""
        return kind_of(self.release, self.flavour)

    @property
    def is_unfinished(self) -> bool:
        """Made, but never started: whoever made it was cut short."""
        return self.state in ("created", "configured", "initialized")


def kind_of(release: str, flavour: str | None) -> str:
    return f"{release} {flavour}" if flavour else release


def find_box(engine: Engine, wanted: TargetName) -> Box | None:
    """The container of a target. Raises InstanceFailed when one of its name is not the lab's.

    A box that a process made for itself, as tests do, is no project's: every project finds it by its name.
    """
    names = dict.fromkeys((PREFIX + wanted.key, PREFIX + wanted.name))
    found = {name_of(each): each for each in engine.inspect("container", *names)}
    if its := found.get(PREFIX + wanted.key):
        if not is_lab(its) or parse(its).target != wanted:
            hint = tr(
                "`{name} rename {prefix}{key} OTHER` frees the name", name=engine.name, prefix=PREFIX, key=wanted.key
            )
            raise InstanceFailed(
                tr("the container {prefix}{key} was not made by the lab", prefix=PREFIX, key=wanted.key), hint=hint
            )
        return parse(its)
    other = found.get(PREFIX + wanted.name)
    box = parse(other) if other and is_lab(other) else None
    return box if box and box.owner else None


def all_boxes(engine: Engine) -> list[Box]:
    """Every target's container, of all projects, by name."""
    ids = engine.names("ps", "-aq", "--no-trunc", "--filter", "label=gpustrap.release")
    found = [parse(each) for each in engine.inspect("container", *ids) if is_lab(each)]
    return sorted(found, key=lambda box: (box.name, box.target.key))


def is_lab(described: dict[str, Any]) -> bool:
    labels = described["Config"]["Labels"] or {}
    return "gpustrap.release" in labels and name_of(described) == PREFIX + target_of(labels).key


def name_of(described: dict[str, Any]) -> str:
    """The name of a container, a volume or a network."""
    name = described.get("Name") or described["name"]  # podman's networks are written in lower case
    return str(name).lstrip("/")  # docker writes /NAME


def target_of(labels: dict[str, str]) -> TargetName:
    project = labels.get("gpustrap.project")
    return TargetName(labels.get("gpustrap.lab", ""), Path(project) if project else None)


def parse(described: dict[str, Any]) -> Box:
    labels = described["Config"]["Labels"]
    network = labels.get("gpustrap.network")
    ports = described["HostConfig"]["PortBindings"] or {}
    return Box(
        container=described["Id"],
        target=target_of(labels),
        release=labels["gpustrap.release"],
        flavour=labels.get("gpustrap.flavour"),
        user=labels.get("gpustrap.user", "root"),
        state=described["State"]["Status"],
        owner=labels.get("gpustrap.owner") or None,
        key=labels["gpustrap.key"],
        network=network,
        host=address_on(described, network) if network else "127.0.0.1",
        ssh_port=SSH_PORT if network else int(ports[f"{SSH_PORT}/tcp"][0]["HostPort"]),
        http_port=PUBLIC_PORT if network else int(ports[f"{PUBLIC_PORT}/tcp"][0]["HostPort"]),
    )


def address_on(described: dict[str, Any], network: str) -> str:
    """The container's address there; "" while it has none."""
    return str(described["NetworkSettings"]["Networks"].get(PREFIX + network, {}).get("IPAddress", ""))
