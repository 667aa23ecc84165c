"""By its name alone an instance is reached by ssh, scp and rsync, as installed for a rented one and a lab target."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.one_release


def loader(works, program: str) -> str:
    """The program that loads the others' libraries: the same path on every system of this processor."""
    return re.findall(r"^\s*(/\S*ld-linux\S*)", works("ldd", program), re.MULTILINE)[0]


def test_ssh_scp_and_rsync_know_the_instances(project, box, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "person"))
    (tmp_path / "person" / ".ssh").mkdir(parents=True)
    config = tmp_path / "person" / ".ssh" / "config"
    config.write_text("Host trainer\n  Port 1\n")
    rented = {"ssh": f"ssh -p {box.ssh_port} -i {box.key} root@{box.ssh_host}"}
    project.write({box.name: {"lab": box.release}, "trainer": {**rented, "roles": ["services"]}})
    assert project.run("plan", "trainer").code == 0  # the first contact: the host key is kept

    ran = project.run("ssh-config", "--install")
    assert ran.code == 0 and f"now know: {box.name}, trainer" in ran.stderr, ran.stderr

    # The OpenSSH clients take a home from the account, not from HOME: the file is named.
    options = ["-F", str(config), "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes"]

    def works(*words: str) -> str:
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
        return done.stdout

    sent = tmp_path / "a file"
    sent.write_text("hello")
    for name in (box.name, "trainer"):
        assert works("ssh", *options, name, "id -un") == "root\n"
        works("scp", "-q", *options, str(sent), f"{name}:/tmp/from-{name}")
        assert works("ssh", *options, name, f"cat /tmp/from-{name}") == "hello"
    if program := shutil.which("rsync"):
        # The box has none, and nothing is downloaded here: it gets this computer's, with the libraries of that.
        libraries = re.findall(r"=> (/\S+)", works("ldd", program))
        works("ssh", *options, "trainer", "mkdir /tmp/lib")
        works("scp", "-q", *options, program, *libraries, "trainer:/tmp/lib")
        there = f"{loader(works, program)} --library-path /tmp/lib /tmp/lib/rsync"
        client = ["rsync", "-e", " ".join(["ssh", *options]), f"--rsync-path={there}"]
        works(*client, "trainer:/tmp/from-trainer", str(tmp_path / "back"))
        assert (tmp_path / "back").read_text() == "hello"

    assert project.run("ssh-config", "--remove").code == 0
    assert config.read_text() == "Host trainer\n  Port 1\n"
