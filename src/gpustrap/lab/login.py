"""How one logs in to a lab target: its address, user and key, and the host key that it is known by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gpustrap.errors import NotRunning
from gpustrap.lab.box import SSH_PORT, Box, TargetName, find_box, kind_of
from gpustrap.lab.engine import Engine, find_engine
from gpustrap.lab.make import HOST_KEY, HOST_KEY_SAID, wait_for_sshd
from gpustrap.lab.state import known_hosts_file, private_key, public_key, write_if_new
from gpustrap.language import tr

# $1: a public key, $2: a user. A box made from another lab folder does not know this one's key.
AUTHORIZE = """\
cd "$(getent passwd "$2" | cut -d: -f6)/.ssh"
grep -qxF "$1" authorized_keys || printf '%s\\n' "$1" >>authorized_keys
"""


@dataclass(frozen=True)
class LabTarget:
    """One target as this machine sees it. `ssh_host`:`http_port` leads to port 8080 inside."""

    name: str
    project: Path | None
    release: str
    flavour: str | None
    user: str
    ssh_host: str
    ssh_port: int
    http_port: int
    key: Path
    known_hosts: Path

    @property
    def kind(self) -> str:
        """`debian-12`, or with its flavour `debian-12 vast`."""
        return kind_of(self.release, self.flavour)

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
            # OpenSSH 9's own first choice (sntrup761) costs 60 ms of a processor, for secrets that a box here has not
            "KexAlgorithms=curve25519-sha256",
        )
        given = [part for option in options for part in ("-o", option)]
        address = ["-p", str(self.ssh_port), "-i", str(self.key)]
        return ["ssh", "-F", "none", *address, *given, f"{self.user}@{self.ssh_host}"]


def running_box(name: str, project: Path | None = None) -> LabTarget:
    """The target, ready for a login. Raises NotRunning where there is none or it is stopped."""
    engine = find_engine()
    box = find_box(engine, TargetName(name, project))
    if box is None or box.is_unfinished:
        raise NotRunning(tr("the lab target is not there"), tr("`gpustrap up {name}` makes it", name=name), "made")
    if box.state != "running":
        raise NotRunning(
            tr("the lab target is stopped"), tr("`gpustrap lab up {name}` starts it", name=name), "started"
        )
    return make_ready(engine, box)


def make_ready(engine: Engine, box: Box) -> LabTarget:
    """Wait for sshd, then see to it that this machine's key is let in and the box's key is known."""
    wait_for_sshd(engine, box)
    if box.key != public_key():
        engine.run("exec", box.container, "sh", "-c", AUTHORIZE, "sh", public_key(), box.user)
    learn_host_key(engine, box)
    return describe(box)


def learn_host_key(engine: Engine, box: Box) -> None:
    """Write the box's known_hosts from the key that lies in it, so that nobody has to be asked.

    The first line says which container at which address it was read from: the same is not read again.
    """
    source = f"# {box.container} {box.host}:{box.ssh_port}\n"
    known = known_hosts_file(box.target.key)
    if known.is_file() and known.read_text().startswith(source):
        return
    kind, key, *_ = host_key(engine, box).split()
    host = box.host if box.ssh_port == SSH_PORT else f"[{box.host}]:{box.ssh_port}"
    write_if_new(known, f"{source}{host} {kind} {key}\n")


def host_key(engine: Engine, box: Box) -> str:
    """Its type, the key and a comment. PID 1 says it before all else; an `exec` costs four times as much as the log."""
    said = (line.partition(HOST_KEY_SAID) for line in engine.logs(box.container).splitlines())
    told = next((key for before, mark, key in said if mark and not before), "")
    return told or engine.run("exec", box.container, "cat", f"{HOST_KEY}.pub")  # a box of an older gpustrap


def describe(box: Box) -> LabTarget:
    return LabTarget(
        name=box.name,
        project=box.target.project,
        release=box.release,
        flavour=box.flavour,
        user=box.user,
        ssh_host=box.host,
        ssh_port=box.ssh_port,
        http_port=box.http_port,
        key=private_key(),
        known_hosts=known_hosts_file(box.target.key),
    )
