"""A Debian root as a tar file, from packages alone: by debootstrap as root, by mmdebstrap as anybody else."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gpustrap.errors import InstanceFailed
from gpustrap.lab.requirements import find_program, how_to_install, search_path
from gpustrap.language import tr

# A child of its own dies with this process, also when this is killed.
TIED = ("setpriv", "--pdeathsig", "KILL")
# Mounts and processes of its own end with it: a killed build leaves neither a mounted /proc nor a debootstrap at work.
NAMESPACES = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")

# mmdebstrap names the key in each line where apt does not trust it anyway, as on Ubuntu.
SOURCES_AS_DEBOOTSTRAP_HAS_THEM = """sed -i 's/^deb [[][^]]*[]]/deb/' "$1/etc/apt/sources.list\""""


@dataclass(frozen=True)
class Root:
    """What is built: `finish` is a POSIX shell script that runs inside, with the suite as its argument."""

    suite: str
    packages: tuple[str, ...]
    finish: str


def builder() -> str:
    """The program that builds a root for this user."""
    return "debootstrap" if os.geteuid() == 0 else "mmdebstrap"


def can_build() -> bool:
    return find_program(builder()) is not None


def how_to_build() -> str:
    """How an image can be had where no registry answers."""
    return (
        how_to_install()
        if os.geteuid() == 0
        else tr(
            "`sudo apt-get install mmdebstrap` on Debian and Ubuntu, or name a registry that answers: "
            "GPUSTRAP_LAB_REGISTRY=docker.io/library"
        )
    )


def build(root: Root, folder: Path) -> Path:
    """The root as a tar file in `folder`. Raises InstanceFailed with the builder's own reason."""
    archive = folder / "root.tar"
    if builder() == "debootstrap":
        _debootstrap(root, folder / "root", archive)
    else:
        _mmdebstrap(root, archive)
    return archive


def _debootstrap(root: Root, at: Path, archive: Path) -> None:
    options = ("--variant=minbase", "--force-check-gpg", f"--include={','.join(root.packages)}")
    _run("debootstrap", *options, root.suite, str(at), *apt_mirror(), within=NAMESPACES)
    _run("chroot", str(at), "sh", "-c", root.finish, "sh", root.suite, within=NAMESPACES)
    _run("tar", "-C", str(at), "-cf", str(archive), ".", within=NAMESPACES)


def _mmdebstrap(root: Root, archive: Path) -> None:
    """In a user namespace that it makes, with this user's subordinate ids."""
    finish = f'{SOURCES_AS_DEBOOTSTRAP_HAS_THEM}; chroot "$1" sh -c {shlex.quote(root.finish)} sh {root.suite}'
    options = ("--mode=unshare", "--variant=minbase", f"--include={','.join(root.packages)}")
    _run("mmdebstrap", *options, f"--customize-hook={finish}", root.suite, str(archive), *apt_mirror())


def _run(*argv: str, within: Sequence[str] = ()) -> None:
    environment = {**os.environ, "PATH": search_path(), "LC_ALL": "C"}
    with tempfile.TemporaryFile("w+") as log:
        words = [*TIED, *within, *argv]
        done = subprocess.run(words, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment)
        if done.returncode:
            log.seek(0)
            raise InstanceFailed(f"{argv[0]}: {reason(log.read())}")


def reason(log: str) -> str:
    """The line of a build step's output that says why it ended: their errors begin with E:."""
    lines = [line for line in log.splitlines() if line.strip()] or [tr("it ended without a word")]
    return next((line for line in lines if line.startswith("E: ")), lines[-1])


def apt_mirror() -> Sequence[str]:
    """The Debian mirror that this machine's apt uses, as the builder's last argument.

    Empty where apt has none, as on Ubuntu or Fedora: the builder's own default mirror is taken then.
    """
    apt = find_program("apt-get")
    if apt is None:
        return ()
    # "main": third parties' Debian trees may end in /debian too, with components of their own
    argv = [apt, "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Component: main"]
    listed = subprocess.run(argv, capture_output=True, text=True).stdout.splitlines()
    return [url for url in listed if url.startswith("http") and url.rstrip("/").endswith("/debian")][:1]
