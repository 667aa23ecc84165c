"""The lab boxes that the job runs on: made once, reset before each contender, looked at after each run."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from gpustrap.errors import BadInput
from gpustrap.lab import targets
from gpustrap.lab.owner import owner_mark
from gpustrap.lab.relay import relay

RELEASE = "debian-12"

# Ansible's apt module needs python3-apt, which the lab's image lacks. Every contender gets it, untimed.
DOWNLOAD = """\
mkdir -p /data/debs/partial
apt-get -q update
apt-get -q -y install --download-only --no-install-recommends -o Dir::Cache::archives=/data/debs python3-apt
"""
PREPARE = "dpkg -i /data/debs/*.deb && rm -rf /var/lib/apt/lists/*"

FILES = (
    "/etc/apt/sources.list.d/mirror.sources",
    "/etc/pip.conf",
    "/root/.config/uv/uv.toml",
    "/root/.condarc",
    "/root/.npmrc",
    "/root/.gitconfig",
    "/etc/profile.d/proxy.sh",
    "/etc/profile.d/hf.sh",
    "/root/.ssh/authorized_keys",
    "/opt/app/main.py",
    "/opt/app/run.sh",
)
DIRECTORIES = ("/root/.config/uv", "/opt/app", "/workspace/cache", "/workspace/models", "/workspace/logs")
STATE = f"""\
sha256sum {" ".join(FILES)}
stat -c '%a %n' {" ".join((*FILES, *DIRECTORIES))}
tmux -L gpustrap list-sessions -F 'session #S'
curl -sS --noproxy '*' 127.0.0.1:8080/ping
"""
DRIFT = "echo '# by hand' >>/root/.npmrc"


@dataclass(frozen=True)
class Host:
    """Where a contender reaches one box: root@127.0.0.1 at `port` with the lab's `key`."""

    name: str
    port: int
    key: Path


class BoxFailed(Exception):
    """A step on a box that is not timed went wrong; the text names it and says what the box printed."""


@contextmanager
def made_boxes(count: int) -> Iterator[tuple[str, ...]]:
    """Names of `count` new boxes, removed with the block."""
    made: list[str] = []
    try:
        for _ in range(count):
            made.append(f"bench-{secrets.token_hex(4)}")
            targets.up(made[-1], RELEASE, say, owner=owner_mark())
            on_box(made[-1], DOWNLOAD)
        yield tuple(made)
    finally:
        for name in made:
            with suppress(BadInput):  # `up` did not get as far as making it
                targets.down(name)


def renew(boxes: Sequence[str]) -> None:
    """Make every box as new, at the same ports."""
    for name in boxes:
        targets.reset(name)
        on_box(name, PREPARE)


@contextmanager
def reached(boxes: Sequence[str], rtt_ms: float, turns: Path | None = None) -> Iterator[tuple[Host, ...]]:
    """The boxes as hosts that are `rtt_ms` away: directly for 0, else by the lab's relay, which counts in `turns`."""
    found = [described(name) for name in boxes]
    if rtt_ms == 0:
        yield tuple(Host(box.name, box.ssh_port, box.key) for box in found)
        return
    with relay(rtt_ms, *((box.ssh_host, box.ssh_port) for box in found), turns=turns) as ports:
        yield tuple(Host(box.name, port, box.key) for box, port in zip(found, ports, strict=True))


def state(name: str) -> str:
    """Hashes, modes, sessions and the app's answer, or what kept them from being read."""
    done = login(name, STATE)
    return done.stdout if done.returncode == 0 else f"{done.stdout}{done.stderr}"


def drift(boxes: Sequence[str]) -> None:
    """Change one managed file on every box, as a person would."""
    for name in boxes:
        on_box(name, DRIFT)


def sessions(boxes: Sequence[str]) -> dict[str, int]:
    """Connections, execs and sftp sessions of all boxes together since they were made new, by sshd's log."""
    counts = [targets.sessions(name) for name in boxes]
    return {kind: sum(count[kind] for count in counts) for kind in counts[0]}


def on_box(name: str, script: str) -> None:
    done = login(name, script)
    if done.returncode:
        raise BoxFailed(f"{name}: {script.splitlines()[0]} …: {(done.stdout + done.stderr).strip()}")


def login(name: str, script: str) -> subprocess.CompletedProcess[str]:
    argv = [*described(name).ssh_command, "sh -es"]
    return subprocess.run(argv, input=script, capture_output=True, text=True)


def described(name: str) -> targets.LabTarget:
    box = targets.target(name)
    if box is None:
        raise BoxFailed(f"{name}: somebody removed it")
    return box


def say(line: str) -> None:
    print(line, file=sys.stderr)
