"""The container engine that the lab drives: podman, else docker, as a command without a shell."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gpustrap.errors import BadInput, Fault, InstanceFailed, nearest
from gpustrap.lab.requirements import docker_answers, find_program, how_to_install, search_path
from gpustrap.lab.state import home, write_if_new
from gpustrap.language import tr

LISTING_TRIES = 5
TELLING_SECONDS = 30  # it takes a tenth of one
ENGINES = ("podman", "docker")  # the first that is there is taken

# nofile and nproc: podman's own defaults lie above the hard limits of a restricted machine, and runc is
# the runtime that starts there (seen: Debian 12 inside a micro VM with cgroup v1, podman 4.3.1)
CONTAINERS_CONF = """\
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
"""
RUNC_CONF = """
[engine]
runtime = "runc"
"""


class EngineFailed(InstanceFailed):
    """The engine refused. Its text is `podman create: ` and the last line the engine wrote to stderr.

    `told` is what it wrote to stdout before that.
    """

    told = ""


class EngineSilent(EngineFailed):
    """The engine gave no answer in its time."""


@dataclass(frozen=True)
class Engine:
    """One container engine. `environment` is added to this process's own for each call."""

    name: str  # podman or docker
    program: str
    environment: Mapping[str, str]

    def run(self, *argv: str, timeout_s: float = 300) -> str:
        """Run one engine command and return its stdout. Raises EngineFailed, also after `timeout_s`."""
        return self._complete(argv, timeout_s).stdout

    def names(self, *listing: str) -> list[str]:
        """What a listing prints, a name a line: `names("volume", "ls", "-q")`.

        One that goes away meanwhile makes podman 4.3.1 fail ("no volume with name … found in database"): the
        listing is asked for again, a few times.
        """
        for _ in range(LISTING_TRIES - 1):
            try:
                return self._told(*listing).split()
            except EngineFailed as failed:
                if not is_absent(failed):
                    raise
        return self._told(*listing).split()

    def listed(self, *listing: str) -> list[dict[str, Any]]:
        """What podman's listing prints as JSON."""
        rows: list[dict[str, Any]] = json.loads(self._told(*listing, "--format", "json").strip() or "[]")
        return rows

    def logs(self, container: str) -> str:
        """All that the container's PID 1 wrote: stdout, then stderr."""
        done = self._complete(("logs", container), 60)
        return done.stdout + done.stderr

    def inspect(self, kind: str, *names: str) -> list[dict[str, Any]]:
        """The engine's descriptions of those that exist. `kind`: container, image, volume or network."""
        if not names:
            return []
        try:
            told = self._told(kind, "inspect", *names)
        except EngineFailed as failed:
            if not is_absent(failed):
                raise
            told = failed.told  # of the others
        described: list[dict[str, Any]] = json.loads(told.strip() or "[]")
        return described

    def _told(self, *words: str) -> str:
        """What it says of what there is. Asked once more where it is silent: while others made and removed boxes,
        podman 4.3.1 hung in `inspect` and in `ps` for good.
        """
        try:
            return self.run(*words, timeout_s=TELLING_SECONDS)
        except EngineSilent:
            return self.run(*words, timeout_s=TELLING_SECONDS)

    def _complete(self, argv: Sequence[str], timeout_s: float) -> subprocess.CompletedProcess[str]:
        command = f"{self.name} {argv[0]}"
        try:
            done = subprocess.run(
                [self.program, *argv],
                capture_output=True,
                text=True,
                errors="replace",
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                timeout=timeout_s,
            )
        except subprocess.TimeoutExpired:
            raise EngineSilent(
                tr("{command}: no answer after {timeout_s:.0f} s", command=command, timeout_s=timeout_s)
            ) from None
        if done.returncode:
            last = (done.stderr.strip().splitlines() or [tr("exit status {returncode}", returncode=done.returncode)])[
                -1
            ]
            failed = EngineFailed(f"{command}: {last}")
            failed.told = done.stdout
            raise failed
        return done


def find_engine() -> Engine:
    """Podman where it is installed, else a docker whose daemon answers; GPUSTRAP_ENGINE names one of them.

    Podman as root gets a containers.conf of the lab's own, unless CONTAINERS_CONF names another one; no
    file of the user's is touched. Raises InstanceFailed saying which command installs an engine here,
    BadInput for an unknown name.
    """
    wanted = os.environ.get("GPUSTRAP_ENGINE")
    if wanted and wanted not in ENGINES:
        message = tr("no container engine '{wanted}', expected podman or docker", wanted=wanted)
        raise BadInput(Fault(message, key="GPUSTRAP_ENGINE", nearest=nearest(wanted, ENGINES)))
    for name in [wanted] if wanted else ENGINES:
        program = find_program(name)
        if program and (name == "podman" or docker_answers()):
            return Engine(name, program, {"PATH": search_path(), **podman_settings(name)})
    missing = (
        tr("{wanted} is not usable here", wanted=wanted)
        if wanted
        else tr("the lab needs a container engine and finds none")
    )
    raise InstanceFailed(missing, hint=how_to_install())


def podman_settings(name: str) -> dict[str, str]:
    if name != "podman" or os.geteuid() != 0 or "CONTAINERS_CONF" in os.environ:
        return {}
    conf = home() / "containers.conf"
    write_if_new(conf, CONTAINERS_CONF + (RUNC_CONF if find_program("runc") else ""))
    return {"CONTAINERS_CONF": str(conf)}


def is_absent(failed: EngineFailed) -> bool:
    """Whether the engine refused because there is no such container, image, volume or network."""
    text = failed.error.lower()
    return "no such" in text or "not found" in text or "not known" in text
