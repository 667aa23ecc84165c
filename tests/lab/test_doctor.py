"""`doctor` on a box that reaches nothing: each client's own place has a fault of its own, and each is found by name."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

SERVERS = Path(__file__).parents[1] / "bad_net.py"
SLOW_DNS = SERVERS.with_name("slow_dns.py")
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
    asks(ssh, box, urls, apt := ("tcp_refused", "black_hole", "http_429", "error_page"), git="tls_reset")
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


def asks(ssh, box, urls, apt, git):
    """Point apt's sources, and git's way to GitHub, at servers of these faults."""
    lines = "".join(f"deb {urls[name].removesuffix('/pip/')} bookworm main\n" for name in apt)
    there = urls[git].removesuffix("pip/")
    ssh(box, f"rm -f /etc/apt/sources.list.d/*; printf '%s' '{lines}' >/etc/apt/sources.list; rm -f /root/.gitconfig")
    ssh(box, f"git config --global url.{there}.insteadOf https://github.com/")


def causes(project, box):
    """Subject → cause, of all but the box itself."""
    verdicts = project.run("doctor", box.name, "--json").report(box.name)["verdicts"]
    return {one["subject"]: one["cause"] for one in verdicts if one["subject"] != "box"}


def test_what_answers_and_is_not_whole_or_not_for_everybody_is_found_by_name_too(project, faulty, ssh):
    """A redirect to where nobody is, a body that stops or drips, an index of another year, an answer to browsers alone."""
    box, urls = faulty
    asks(ssh, box, urls, ("tcp_refused-redirected", "truncated", "slow_body", "stale"), git="http_403_agent")
    project.write({box.name: {"lab": box.release}}, roles=["base"])

    found = causes(project, box)

    assert [found[f"apt.{at}"] for at in (1, 2, 3, 4)] == ["tcp_refused", "truncated", "slow_body", "stale"]
    assert found["github"] == "http_403_agent"


def test_a_proxy_that_breaks_off_in_the_middle_of_a_file_is_named(project, faulty, ssh):
    box, urls = faulty
    cuts = urls["truncated"].removesuffix("/pip/")
    ssh(
        box,
        "rm -f /etc/apt/sources.list.d/*; echo 'deb http://far.example/debian bookworm main' >/etc/apt/sources.list",
    )
    ssh(box, f"cp /etc/environment /root/was; printf 'http_proxy={cuts}\n' >>/etc/environment")
    project.write({box.name: {"lab": box.release}}, roles=["base"])

    found = causes(project, box)

    ssh(box, "mv /root/was /etc/environment")
    assert found["apt.1"] == "proxy_cuts"


# A host in the domain of the system's own distribution, as the box's apt knows it, with an address that is nobody's.
OWN_ARCHIVE = """
changes=$(apt-config dump Acquire::Changelogs::URI::Origin::Debian | cut -d / -f 3)
domain=${changes#"${changes%.*.*}".}
echo "10.9.9.8 archive.$domain" >>/etc/hosts
echo "deb http://archive.$domain/debian bookworm main" >/etc/apt/sources.list
"""


def test_a_proxy_that_is_dead_is_named_and_dns_that_lies_of_the_distributions_archive(project, faulty, ssh):
    box, urls = faulty
    dead = urls["tcp_refused"].removeprefix("http://").removesuffix("/pip/")
    asks(ssh, box, urls, (), git="tls_reset")
    ssh(box, OWN_ARCHIVE)
    ssh(box, f"cp /etc/environment /root/was; printf 'https_proxy=http://me:s3cret@{dead}\\n' >>/etc/environment")
    project.write({box.name: {"lab": box.release}}, roles=["base"])

    ran = project.run("doctor", box.name, "--json")

    ssh(box, "mv /root/was /etc/environment")
    found = {one["subject"]: one["cause"] for one in ran.report(box.name)["verdicts"]}
    assert found["apt.1"] == "dns_lies"
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


@pytest.fixture
def slow_names(faulty, ssh):
    """The box's resolver answers one question after the other, and writes down each in /root/asked."""
    box, _urls = faulty
    subprocess.run([*box.ssh_command, "cat >/root/slow_dns.py"], input=SLOW_DNS.read_bytes(), check=True, timeout=60)
    words = [*box.ssh_command, "python3 /root/slow_dns.py 0.05 /root/asked"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout.readline() == b"ready\n"
        ssh(box, "cp /etc/resolv.conf /root/resolv.conf; echo nameserver 127.0.0.1 >/etc/resolv.conf")
        yield
        ssh(box, "cat /root/resolv.conf >/etc/resolv.conf")
        server.stdin.close()


# In a process of its own, for the tests of the lab do not import the engine: the causes of all that hosts.yml may name.
# With thrice the time that a person's box has: what is counted are the questions, for a busy machine may be late.
MEASURES = """
import json, subprocess, sys
from gpustrap.engine.facts import doctor, measure
from gpustrap.resolve.net.candidates import FILES, Candidate
doctor.NAME_SECONDS = 12
measure.PROBE_SECONDS, measure.WHOLE_SECONDS, measure.RATE_SECONDS = 9, 21, 9
begin, words, bases = json.load(sys.stdin)
found = [Candidate("pypi", f"{base}#{at}", base, FILES["pypi"]) for at, base in enumerate(bases)]
said = subprocess.run(words, input=begin + measure.command(found), text=True, capture_output=True, check=True)
print(json.dumps([row.cause for row in measure.read_rows(said.stdout, found)]))
"""


@pytest.mark.parametrize("without", ["nothing", "curl"])
def test_each_host_is_looked_up_once_and_who_has_no_name_is_told(faulty, slow_names, ssh, without):
    """Twelve hosts, each asked for two kinds; of one more nobody tells the name. A hundred questions at once, as curl and
    the rest asked before, took a slow resolver the time that the mirrors have: all of them were said to be dead.
    """
    box, urls = faulty
    there = urls["works"].removesuffix("/pip/")
    bases = [there.replace("127.0.0.1", name) for name in [*(f"m{at % 12}.slow.test" for at in range(24)), "mute.test"]]
    tools = f"mkdir -p /root/tools; ln -sf /usr/bin/* /root/tools/; rm -f /root/tools/{without}; PATH=/root/tools\n"
    tools += "export https_proxy=http://127.0.0.1:9\n"  # which none of these go by
    asked = json.dumps([tools, [*box.ssh_command, "sh"], bases])

    said = subprocess.run([sys.executable, "-c", MEASURES], input=asked.encode(), capture_output=True, timeout=60)

    ssh(box, "rm -rf /root/tools")
    found = json.loads(said.stdout)
    assert [at for at, cause in enumerate(found) if cause.startswith("dns")] == [24], (found, said.stderr)
    names = Counter(ssh(box, "cat /root/asked").split())
    assert len(names) == 13
    # IPv4 alone, or both; a resolver that gets no answer in time asks once more.
    assert all(names[f"m{at}.slow.test"] <= 4 for at in range(12)), names
