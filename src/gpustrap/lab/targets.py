"""Lab targets: containers that look like a rented instance, from the first ssh login to the provider's reset.

Root, no systemd, sshd, one public port (8080 inside), and a data disk at /data that survives a reset.
Everything made carries the label gpustrap.lab=NAME, and only what carries it is touched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from gpustrap.errors import BadInput, Fault, nearest
from gpustrap.lab.box import SSH_PORT, Box, all_boxes, find_box
from gpustrap.lab.engine import Engine, find_engine
from gpustrap.lab.images import check_release, ensure_image
from gpustrap.lab.leftovers import remove_leftovers, remove_network, remove_volume
from gpustrap.lab.make import HOST_KEY, BoxSpec, make_box, remove_container, start_box, wait_for_sshd
from gpustrap.lab.owner import is_alive
from gpustrap.lab.requirements import has_programs, install_missing
from gpustrap.lab.state import Say, known_hosts_file, locked, private_key, public_key, silent, write_atomic

# $1: a public key. A box made from another lab folder does not know this one's key.
AUTHORIZE = 'cd /root/.ssh; grep -qxF "$1" authorized_keys || printf "%s\\n" "$1" >>authorized_keys'


@dataclass(frozen=True)
class LabTarget:
    """One target as this machine sees it. `ssh_host`:`http_port` leads to port 8080 inside."""

    name: str
    release: str
    ssh_host: str
    ssh_port: int
    http_port: int
    key: Path
    known_hosts: Path

    @property
    def url(self) -> str:
        return f"http://{self.ssh_host}:{self.http_port}"

    @property
    def ssh_command(self) -> list[str]:
        """The argv of a login; a command may follow it. Reads no ssh_config, asks nobody."""
        options = (
            "IdentitiesOnly=yes",
            "StrictHostKeyChecking=yes",
            f'UserKnownHostsFile="{self.known_hosts}"',  # quoted: a home may hold a space
        )
        given = [part for option in options for part in ("-o", option)]
        return [
            "ssh",
            "-F",
            "none",
            "-p",
            str(self.ssh_port),
            "-i",
            str(self.key),
            *given,
            f"root@{self.ssh_host}",
        ]


@dataclass(frozen=True)
class Listed:
    """A row of `ls`. `state` is the engine's word (running, exited); `owner` marks a test's own target."""

    target: LabTarget
    state: str
    owner: str | None


def up(
    name: str, release: str, say: Say = silent, *, network: str | None = None, owner: str | None = None
) -> LabTarget:
    """Make the target, start a stopped one, or give the running one; its sshd answers when this returns.

    `network` names an internal network, made where it is not there: the box reaches only what is on it,
    publishes no port and is reached at its own address (on Linux, engine as root). `owner`, an
    `owner_mark`, lets a later `up` or `ls` remove what a dead process left. Both count only when the
    container is made. Raises BadInput for a bad name, or a release that the target has not.

    On Debian and Ubuntu as root an engine and debootstrap are installed where they are missing.
    """
    check_name(name)
    check_release(release)
    if not has_programs():
        install_missing(say)
    engine = find_engine()
    with locked(f"target-{name}", say):
        box = find_box(engine, name)
        if box and box.release != release:
            hint = f"`gpustrap lab down {name}` removes it and its data"
            raise BadInput(Fault(f"lab target '{name}' is {box.release}, not {release}", hint=hint))
        if box is None or box.is_unfinished:
            make(engine, BoxSpec(name, release, network, owner), say)
        elif box.state != "running":
            say(f"starting {name}")
            start_box(engine, box)
        return make_ready(engine, name)


def target(name: str) -> LabTarget | None:
    """The target as it stands, running or not; None where there is none."""
    box = find_box(find_engine(), name)
    return describe(box) if box else None


def ls() -> list[Listed]:
    """Every target, by name. What dead processes left is removed first."""
    engine = find_engine()
    remove_leftovers(engine)
    return [Listed(describe(box), box.state, box.owner) for box in all_boxes(engine)]


def reset(name: str, say: Say = silent) -> LabTarget:
    """Do what a provider's reset does: a new machine from the image, with the same ports and the same /data.

    Its host key is a new one. Raises BadInput where there is no such target.
    """
    engine = find_engine()
    with locked(f"target-{name}", say):
        box = find_box(engine, name)
        if box is None:
            raise unknown(engine, name)
        ports = None if box.network else (box.ssh_port, box.http_port)
        make(engine, BoxSpec(name, box.release, box.network, box.owner, ports), say)
        return make_ready(engine, name)


def down(name: str) -> None:
    """Remove the target and its data. Raises BadInput where there is neither."""
    engine = find_engine()
    with locked(f"target-{name}"):
        box = find_box(engine, name)
        remove_container(engine, name)
        if not remove_volume(engine, name) and box is None:
            raise unknown(engine, name)
        if box and box.network:
            remove_network(engine, box.network)
        known_hosts_file(name).unlink(missing_ok=True)


def down_all() -> list[str]:
    """Remove every target but those of other processes that still run. Answers the names."""
    names = [each.target.name for each in ls() if each.owner is None or not is_alive(each.owner)]
    for name in names:
        down(name)
    return names


def sessions(name: str) -> dict[str, int]:
    """What sshd has logged since the box was made, by its own count: connections, execs and sftp.

    "execs" are commands and shells, "sftp" subsystems. Raises BadInput where there is no such target.
    """
    log = logs(name)
    return {
        "connections": log.count("Accepted publickey"),
        "execs": log.count("Starting session: command") + log.count("Starting session: shell"),
        "sftp": log.count("Starting session: subsystem"),
    }


def logs(name: str) -> str:
    """The box's log, which is sshd's. Raises BadInput where there is no such target."""
    engine = find_engine()
    box = find_box(engine, name)
    if box is None:
        raise unknown(engine, name)
    return engine.logs(box.container)


def make(engine: Engine, wanted: BoxSpec, say: Say) -> None:
    remove_leftovers(engine)
    image = ensure_image(engine, wanted.release, say)
    say(f"making {wanted.name} from {wanted.release}")
    make_box(engine, image, wanted)


def make_ready(engine: Engine, name: str) -> LabTarget:
    """Wait for sshd, then see to it that this machine's key is let in and the box's key is known."""
    box = find_box(engine, name)
    if box is None:
        raise unknown(engine, name)
    wait_for_sshd(engine, box)
    if box.key != public_key():
        engine.run("exec", box.container, "sh", "-c", AUTHORIZE, "sh", public_key())
    learn_host_key(engine, box)
    return describe(box)


def learn_host_key(engine: Engine, box: Box) -> None:
    """Write the box's known_hosts from the key that lies in it, so that nobody has to be asked.

    The first line says which container at which address it was read from: the same is not read again.
    """
    source = f"# {box.container} {box.host}:{box.ssh_port}\n"
    known = known_hosts_file(box.name)
    if known.is_file() and known.read_text().startswith(source):
        return
    kind, key, *_ = engine.run("exec", box.container, "cat", f"{HOST_KEY}.pub").split()
    host = box.host if box.ssh_port == SSH_PORT else f"[{box.host}]:{box.ssh_port}"
    write_atomic(known, f"{source}{host} {kind} {key}\n")


def describe(box: Box) -> LabTarget:
    key, known = private_key(), known_hosts_file(box.name)
    return LabTarget(box.name, box.release, box.host, box.ssh_port, box.http_port, key, known)


def check_name(name: str) -> None:
    """Raise BadInput unless the name can be a hostname and part of a container's name."""
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?", name):
        message = f"'{name}' cannot name a lab target, expected up to 50 of a-z, 0-9 and -, such as 'demo'"
        raise BadInput(Fault(message))


def unknown(engine: Engine, name: str) -> BadInput:
    names = [box.name for box in all_boxes(engine)]
    hint = None if names else "`gpustrap lab up` makes one"
    return BadInput(Fault(f"there is no lab target '{name}'", nearest=nearest(name, names), hint=hint))
