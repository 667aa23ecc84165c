"""What the lab needs on this machine, and how it gets there.

Whatever makes a target, and `gpustrap test`, installs what is missing on Debian and Ubuntu as root before it;
so does `python -m gpustrap.lab.requirements` alone. Elsewhere a person is told the one command that does.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from gpustrap.errors import InstanceFailed
from gpustrap.lab.state import Say, locked, silent
from gpustrap.language import tr

# Each row is one need: the first package of it that apt knows is taken (podman 3 has CNI, not netavark).
ENGINE_PACKAGES = (
    ("podman",),
    ("runc", "crun"),
    ("netavark", "containernetworking-plugins"),
    ("aardvark-dns", "golang-github-containernetworking-plugin-dnsname"),
    ("uidmap",),
    ("iptables",),
)
BUILD_PACKAGES = (("debootstrap",), ("debian-archive-keyring",), ("gpgv",), ("openssh-client",))

INSTALL_COMMANDS = {
    "debian": "sudo apt-get install podman runc netavark aardvark-dns uidmap iptables debootstrap",
    "ubuntu": "sudo apt-get install podman runc uidmap iptables debootstrap debian-archive-keyring",
    "fedora": "sudo dnf install podman debootstrap",
    "arch": "sudo pacman -S podman debootstrap debian-archive-keyring",
    "suse": "sudo zypper install podman debootstrap",
    "alpine": "sudo apk add podman debootstrap",
    "darwin": "brew install podman && podman machine init && podman machine start",
}


def search_path() -> str:
    """PATH with the sbin folders, which a plain `su` leaves out: runc and debootstrap lie there."""
    return os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))


def find_program(name: str) -> str | None:
    """The program's path, looked up in `search_path`."""
    return shutil.which(name, path=search_path())


def has_programs() -> bool:
    """Whether an engine and debootstrap are here; quicker than asking for each package."""
    engine = find_program("podman") is not None or docker_answers()
    return engine and find_program("debootstrap") is not None


def install_missing(say: Say = silent) -> None:
    """Install what the lab lacks here: on Debian and Ubuntu as root only, elsewhere it does nothing.

    A working engine, podman or docker, is left alone. Raises InstanceFailed when apt cannot install.
    """
    if not can_install():
        return
    with locked("requirements", say):
        lacking = [need for need in needs() if not any(is_installed(package) for package in need)]
        if not lacking:
            return
        refresh_package_lists(say)
        packages = [next((one for one in need if apt_knows(one)), need[0]) for need in lacking]
        say(tr("installing {packages}", packages=" ".join(packages)))
        apt_get("install", "-y", "--no-install-recommends", *packages)


def how_to_install() -> str:
    """The command that installs an engine and debootstrap on this operating system, for a person to run."""
    for system in operating_system():
        if system in INSTALL_COMMANDS:
            return INSTALL_COMMANDS[system]
    return tr("install podman or docker with your system's package manager")


def operating_system() -> list[str]:
    """What this system is, the most exact name first: ["ubuntu", "debian"], ["darwin"]."""
    if platform.system() != "Linux":
        return [platform.system().lower()]
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return []
    return [release.get("ID", ""), *release.get("ID_LIKE", "").split()]


def can_install() -> bool:
    return "debian" in operating_system() and os.geteuid() == 0


def needs() -> tuple[tuple[str, ...], ...]:
    return BUILD_PACKAGES if docker_answers() else ENGINE_PACKAGES + BUILD_PACKAGES


def docker_answers() -> bool:
    """Whether docker is here and its daemon answers; its client alone is no engine."""
    docker = find_program("docker")
    if docker is None:
        return False
    argv = [docker, "version", "--format", "{{.Server.Version}}"]
    try:
        return subprocess.run(argv, capture_output=True, timeout=20).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def is_installed(package: str) -> bool:
    argv = ["dpkg-query", "-W", "-f=${db:Status-Status}", package]
    return subprocess.run(argv, capture_output=True, text=True).stdout == "installed"


def apt_knows(package: str) -> bool:
    argv = ["apt-cache", "policy", package]
    policy = subprocess.run(argv, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}).stdout
    return "Candidate:" in policy and "Candidate: (none)" not in policy


def refresh_package_lists(say: Say) -> None:
    """`apt-get update`, where apt has no lists yet, as in a fresh container."""
    if not any(Path("/var/lib/apt/lists").glob("*_Packages*")):
        say(tr("reading apt's package lists"))
        apt_get("update")


def apt_get(*arguments: str) -> None:
    argv = ["apt-get", "-q", *arguments]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    done = subprocess.run(argv, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("E:")] or [tr("no reason given")]
        raise InstanceFailed(
            tr("apt-get {arguments}: {lines}", arguments=arguments[0], lines=lines[-1]),
            hint=tr("run it by hand: {how_to_install}", how_to_install=how_to_install()),
        )


def main() -> int:
    try:
        install_missing(lambda line: print(line, file=sys.stderr))
    except InstanceFailed as failed:
        print(failed, file=sys.stderr)
        return failed.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
