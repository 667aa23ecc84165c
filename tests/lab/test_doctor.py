"""`doctor` on a box that reaches nothing: each client's own place has a fault of its own, and each is found by name."""

from __future__ import annotations

import json
import secrets
import subprocess
from pathlib import Path

import pytest

SERVERS = Path(__file__).parents[1] / "bad_net.py"
pytestmark = pytest.mark.one_release


@pytest.fixture(scope="module")
def faulty(make_shared_box):
    """A box with servers of every fault on its loopback, and the URLs of these."""
    box = make_shared_box(network=f"gpustrap-t-{secrets.token_hex(4)}")
    subprocess.run([*box.ssh_command, "cat >/root/bad_net.py"], input=SERVERS.read_bytes(), check=True, timeout=60)
    words = [*box.ssh_command, "python3 /root/bad_net.py"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as servers:
        yield box, json.loads(servers.stdout.readline())
        servers.stdin.close()


def test_every_clients_fault_is_found_by_name_and_nothing_is_changed(project, faulty, ssh):
    box, urls = faulty
    apt = ("tcp_refused", "black_hole", "http_429", "error_page")
    sources = "".join(f"deb {urls[name].removesuffix('/pip/')} bookworm main\n" for name in apt)
    reset = urls["tls_reset"].removesuffix("pip/")
    ssh(box, f"rm -f /etc/apt/sources.list.d/*; printf '%s' '{sources}' >/etc/apt/sources.list")
    ssh(box, f"git config --global url.{reset}.insteadOf https://github.com/")
    ssh(box, "echo '10.9.9.9 huggingface.co' >>/etc/hosts")
    before = ssh(box, "find /etc /root /tmp /dev/shm -xdev -type f | sort | xargs sha256sum")
    project.write({box.name: {"lab": box.release}}, roles=["base"])

    ran = project.run("doctor", box.name, "--json")

    found = {one["subject"]: one["cause"] for one in ran.report(box.name)["verdicts"] if one["subject"] != "box"}
    assert ran.code == 1
    assert found == {
        **{f"apt.{at}": name for at, name in enumerate(apt, 1)},
        "github": "tls_reset",
        "hf": "dns_lies",
        "hf-files": "dns_lies",
        "torch": "dns_fails",
        "python-build": "dns_fails",
    }
    assert all(one["sentence"] and one["mend"] for one in ran.report(box.name)["verdicts"])
    assert ssh(box, "find /etc /root /tmp /dev/shm -xdev -type f | sort | xargs sha256sum") == before


def test_a_proxy_that_is_dead_is_named(project, faulty, ssh):
    box, urls = faulty
    dead = urls["tcp_refused"].removeprefix("http://").removesuffix("/pip/")
    ssh(box, f"printf 'https_proxy=http://me:s3cret@{dead}\\n' >>/etc/environment")
    project.write({box.name: {"lab": box.release}}, roles=["base"])

    ran = project.run("doctor", box.name, "--json")

    github = next(one for one in ran.report(box.name)["verdicts"] if one["subject"] == "github")
    assert (github["cause"], dead in github["sentence"]) == ("proxy_dead", True)
    assert "s3cret" not in ran.stdout + ran.stderr


def test_what_it_is_worth_is_told_part_by_part_and_leaves_no_file(project, faulty, ssh):
    box, _urls = faulty
    project.write({box.name: {"lab": box.release}}, roles=["base"])
    before = ssh(box, "ls -A /root")

    parts = {one["part"]: one for one in project.run("doctor", box.name, "--worth", "--json").report(box.name)["worth"]}

    assert {"egress", "disk", "avx2", "cpus", "shm", "pids"} == set(parts)
    assert (parts["egress"]["good"], parts["egress"]["found"]) == (None, "not told")
    assert parts["disk"]["found"].endswith(" MB/s")
    assert ssh(box, "ls -A /root") == before
