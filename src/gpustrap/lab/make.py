"""Making one lab container: its address, its disk, its start, and the wait until its sshd answers."""

from __future__ import annotations

import hashlib
import socket
import time
from dataclasses import dataclass

from gpustrap.errors import InstanceFailed
from gpustrap.lab.box import PREFIX, PUBLIC_PORT, SSH_PORT, Box, TargetName, find_box, kind_of
from gpustrap.lab.engine import Engine, EngineFailed, is_absent
from gpustrap.lab.flavour import Flavour
from gpustrap.lab.images import CA_BUNDLE, ca_bundle
from gpustrap.lab.ports import check_free, choose_ports
from gpustrap.lab.state import home, locked, public_key, write_if_new
from gpustrap.language import tr

HOST_KEY = "/etc/ssh/ssh_host_ed25519_key"
HOST_KEY_SAID = "host key: "  # in front of it in the box's log
LENT_CA_BUNDLE = "/run/gpustrap-lab-ca.crt"
PORT_TRIES = 5
ANSWER_WITHIN_S = 60.0

# PID 1. The host key is written last, so a start that was cut short is made good by the next one. sshd
# reaps what tmux and nohup leave to PID 1, so no init is needed. $1: public key, $2: /etc/gpustrap-lab,
# $3: who logs in, $4: who is PID 1. sshd overwrites its environment by its title, so where that is to be read
# (/proc/1/environ) a shell stays PID 1, as on the providers' boxes. lab-start is a flavour's.
START = f"""\
set -e
mkdir -p /run/sshd
if [ ! -f {HOST_KEY} ]; then
    home=$(getent passwd "$3" | cut -d: -f6)
    mkdir -p -m 700 "$home/.ssh"
    printf '%s\\n' "$1" >"$home/.ssh/authorized_keys"
    chmod 600 "$home/.ssh/authorized_keys"
    chown -R "$3:" "$home/.ssh"
    printf '%s\\n' "$2" >/etc/gpustrap-lab
    [ ! -f {LENT_CA_BUNDLE} ] || cat {LENT_CA_BUNDLE} >{CA_BUNDLE}
    ssh-keygen -q -t ed25519 -N '' -f {HOST_KEY}
fi
read -r key <{HOST_KEY}.pub
echo "{HOST_KEY_SAID}$key"
if [ -x /usr/local/sbin/lab-start ]; then HOME=/root /usr/local/sbin/lab-start; fi
[ "$4" = sh ] || exec /usr/sbin/sshd -D -e -o LogLevel=VERBOSE
/usr/sbin/sshd -D -e -o LogLevel=VERBOSE &
wait $!
"""


@dataclass(frozen=True)
class BoxSpec:
    """How a container is to be made. `ports`: ssh and http on this machine, None for any free ones."""

    target: TargetName
    release: str
    flavour: Flavour | None = None
    network: str | None = None
    owner: str | None = None
    ports: tuple[int, int] | None = None

    @property
    def thing(self) -> str:
        """What the container and its volume are called."""
        return PREFIX + self.target.key

    @property
    def kind(self) -> str:
        """`debian-12`, or with its flavour `debian-12 vast`."""
        return kind_of(self.release, self.flavour.name if self.flavour else None)

    @property
    def user(self) -> str:
        return self.flavour.user if self.flavour else "root"


def make_box(engine: Engine, image: str, wanted: BoxSpec, earlier: Box | None = None) -> None:
    """Make and start the container, its volume and its network, in the place of an `earlier` one.

    A free port that another program takes before the container does is no failure: others are tried.
    """
    make_volume(engine, wanted)
    if wanted.network:
        make_network(engine, wanted.network, wanted.owner)
    with locked("ports"):
        if earlier:
            remove_container(engine, earlier.container)
        for tries_left in reversed(range(PORT_TRIES)):
            try:
                return create(engine, image, wanted)
            except EngineFailed as failed:
                if not (is_port_taken(failed) and tries_left and wanted.ports is None):
                    raise
                remove_container(engine, wanted.thing)


def create(engine: Engine, image: str, wanted: BoxSpec) -> None:
    """One try at it."""
    first = "sh" if wanted.flavour and wanted.flavour.env else "sshd"
    command = ("sh", "-c", START, "sh", public_key(), described(wanted), wanted.user, first)
    engine.run("create", *options(engine, wanted), image, *command)
    start(engine, wanted.thing)


def start(engine: Engine, container: str) -> None:
    engine.run("start", container)


def described(wanted: BoxSpec) -> str:
    """What /etc/gpustrap-lab says in the box."""
    lines = {"name": wanted.target.name, "release": wanted.release}
    if wanted.flavour:
        lines["flavour"] = wanted.flavour.name
    return "\n".join(f"{key}={value}" for key, value in lines.items())


def start_box(engine: Engine, box: Box) -> None:
    """Start a stopped container. Raises InstanceFailed where another program has taken one of its ports."""
    with locked("ports"):
        if not box.network:
            check_free(box.name, (box.ssh_port, box.http_port))
        start(engine, box.container)


def options(engine: Engine, wanted: BoxSpec) -> list[str]:
    """The options of `create`."""
    ports = (SSH_PORT, PUBLIC_PORT) if wanted.network else choose_ports(engine, wanted.target.name, wanted.ports)
    # a provider's reset is as sudden as SIGKILL
    given = ["--name", wanted.thing, "--hostname", hostname(wanted), "--stop-signal", "SIGKILL"]
    for path in ("/data", *(wanted.flavour.disks if wanted.flavour else ())):
        given += ["--volume", f"{wanted.thing}:{path}"]
    given += ["--network", PREFIX + wanted.network] if wanted.network else published(ports)
    # sshd's lines are counted: they must lie where `logs` reads them; this machine's proxy is not the box's
    given += ["--log-driver", "k8s-file", "--http-proxy=false"] if engine.name == "podman" else []
    given += [part for pair in variables(wanted, ports) for part in ("--env", pair)]
    return given + lent_ca_bundle() + marks(wanted)


def hostname(wanted: BoxSpec) -> str:
    given = wanted.flavour.hostname if wanted.flavour else None
    return filled_in(given, wanted, (SSH_PORT, PUBLIC_PORT)) if given else wanted.target.name


def variables(wanted: BoxSpec, ports: tuple[int, int]) -> list[str]:
    """PID 1's, as NAME=VALUE."""
    return [filled_in(pair, wanted, ports) for pair in (wanted.flavour.env if wanted.flavour else ())]


def filled_in(text: str, wanted: BoxSpec, ports: tuple[int, int]) -> str:
    """A flavour's text with the box's own `{hex}`, `{number}`, `{ssh_port}` and `{http_port}`."""
    digits = hashlib.sha256(wanted.target.key.encode()).hexdigest()[:10]
    own = {"hex": digits, "number": int(digits[:6], 16), "ssh_port": ports[0], "http_port": ports[1]}
    for key, value in own.items():
        text = text.replace(f"{{{key}}}", str(value))
    return text


def published(ports: tuple[int, int]) -> list[str]:
    pairs = zip(ports, (SSH_PORT, PUBLIC_PORT), strict=True)
    return [part for outside, inside in pairs for part in ("--publish", f"127.0.0.1:{outside}:{inside}")]


def marks(wanted: BoxSpec) -> list[str]:
    """The options that say all that the lab knows of the box."""
    flavour = wanted.flavour.name if wanted.flavour else None
    more = {"release": wanted.release, "network": wanted.network, "key": public_key()}
    return labels(wanted.target, wanted.owner, **more, flavour=flavour, user=wanted.user)


def labels(target: TargetName, owner: str | None, **more: str | None) -> list[str]:
    """The options that mark a thing as the lab's."""
    project = str(target.project.resolve()) if target.project else None
    marks = {"lab": target.name, "project": project, "owner": owner, **more}
    return [part for key, value in marks.items() if value for part in ("--label", f"gpustrap.{key}={value}")]


def make_volume(engine: Engine, wanted: BoxSpec) -> None:
    try:
        engine.run("volume", "create", *labels(wanted.target, wanted.owner), wanted.thing)
    except EngineFailed as failed:
        if "already exists" not in failed.error:  # a reset keeps it
            raise


def make_network(engine: Engine, network: str, owner: str | None) -> None:
    if engine.inspect("network", PREFIX + network):
        return
    try:
        engine.run("network", "create", "--internal", *labels(TargetName(network), owner), PREFIX + network)
    except EngineFailed:
        if not engine.inspect("network", PREFIX + network):  # else another target's `up` made it just now
            raise


def remove_container(engine: Engine, container: str) -> None:
    """Remove it, if it is there; /data stays."""
    try:
        engine.run("rm", "-f", container)
    except EngineFailed as failed:
        if not is_absent(failed):
            raise


def lent_ca_bundle() -> list[str]:
    """Options that lend the box this machine's CA bundle, so that https works behind a proxy that this machine trusts.

    A copy is lent: it is there at each later start too. The box's first start takes it for its own.
    """
    bundle = ca_bundle()
    if bundle is None:
        return []
    text = bundle.read_text()
    copy = home() / f"ca-{hashlib.sha256(text.encode()).hexdigest()[:16]}.crt"
    write_if_new(copy, text)
    return ["--volume", f"{copy}:{LENT_CA_BUNDLE}:ro"]


def is_port_taken(failed: EngineFailed) -> bool:
    return "address already in use" in failed.error or "port is already allocated" in failed.error


def wait_for_sshd(engine: Engine, box: Box) -> None:
    """Return once sshd sends its banner. Raises InstanceFailed, with its last log line, after a minute."""
    end = time.monotonic() + ANSWER_WITHIN_S
    while not has_banner(box.host, box.ssh_port):
        if time.monotonic() > end or not is_running(engine, box.target):
            said = (engine.logs(box.container).strip().splitlines() or [tr("it wrote nothing")])[-1]
            hint = tr("`gpustrap lab reset {name}` makes the box anew and keeps /data", name=box.name)
            raise InstanceFailed(
                tr("sshd of lab target '{name}' does not answer: {said}", name=box.name, said=said), hint=hint
            )
        time.sleep(0.05)


def is_running(engine: Engine, target: TargetName) -> bool:
    box = find_box(engine, target)
    return box is not None and box.state == "running"


def has_banner(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=2) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False
