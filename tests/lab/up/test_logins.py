"""Logins as they should not be: each works, and the second run changes nothing, or it is a sentence."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from gpustrap.lab.images import ensure_image

SUDOERS = """Defaults use_pty
Defaults secure_path=/usr/bin:/bin
ubuntu ALL=(ALL) NOPASSWD: NOSETENV: ALL
"""


@pytest.fixture(scope="session")
def release(engine: Any) -> str:
    """One release: what is tried here depends on sudo and the shell, and not on the system."""
    ensure_image(engine, "debian-12")
    return "debian-12"


def test_sudo_with_a_terminal_of_its_own_and_without_the_environment(project, make_box, release, settings):
    """Newer sudo has use_pty by itself: it then reads what stands on its own stdin, for `sudo true` too."""
    box = make_box(flavour="lambda")
    write = [
        "podman",
        "exec",
        "-i",
        f"gpustrap-lab-{box.name}",
        "sh",
        "-c",
        "rm /etc/sudoers.d/*; cat >/etc/sudoers.d/90",
    ]
    subprocess.run(write, input=SUDOERS, text=True, check=True)
    project.write({box.name: {"lab": release, "flavour": "lambda", **settings}})

    project.up()

    assert project.up().changed(box.name) == []


def test_a_login_without_path_and_home_and_a_tmp_without_room(everything, box, ssh):
    """And with one stream for both outputs, on which bytes stand that are no text."""
    ssh(box, "sed -i '1i PATH=; unset HOME; exec > >(/usr/bin/tee -a /said) 2>&1' /root/.bashrc")
    ssh(box, "echo \"printf '\\\\377'\" >/etc/profile.d/aa.sh")
    fill_tmp(box.name)

    everything.up("--roles", "mirrors,base,services")

    assert everything.run("verify", "--roles", "mirrors,base,services").code == 0
    assert everything.up("--roles", "mirrors,base,services").changed(box.name) == []
    ssh(box, "PATH=/usr/bin; rm /etc/gpustrap/services/*/command; sed -i '1i read -r taken' /root/.bashrc")
    ran = everything.run("up", "-y", "--roles", "services")
    assert ran.code == 1 and "a start-up file of its login shell takes what is sent to commands" in ran.stderr


def fill_tmp(name: str) -> None:
    """A mount needs a capability that the box lacks, as on a rented one: it is made in its namespace from here."""
    pid = subprocess.run(["podman", "inspect", "-f", "{{.State.Pid}}", f"gpustrap-lab-{name}"],
                         capture_output=True, text=True, check=True).stdout.strip()  # fmt: skip
    full = "mount -t tmpfs -o size=64k none /tmp; cat /dev/zero >/tmp/full 2>/dev/null || true"
    subprocess.run(["nsenter", "-t", pid, "-m", "sh", "-c", full], check=True)
