"""Many services on one box, some of which cannot do: each is judged alone, by `up`, `verify` and `status` alike."""

from __future__ import annotations

import json
import subprocess

import pytest

pytestmark = pytest.mark.one_release

SERVE = "exec python3 -m http.server {} --bind {}"
SERVICES = {
    "loop": {"command": "echo canary-log; sleep 2; exit 3"},
    "gone": {"command": "no-such-program"},
    "local": {"command": SERVE.format(9001, "127.0.0.1"), "port": 9001, "ready_seconds": 8},
    "other": {"command": SERVE.format(9009, "0.0.0.0"), "port": 9002, "ready_seconds": 8},
    "folder": {"command": "exec sleep 600", "cwd": "/no/such/folder"},
    "spoilt": {"command": "exec sleep 600"},
    "web": {"command": SERVE.format(8080, "0.0.0.0"), "port": 8080, "health": "/"},
    "job": {"command": "printf '%s\\n' \"$A\" 'é % $x' >/data/said; exec sleep 600", "env": {"A": "it's\n$HOME é"}},
}


def services(project, box, wanted):
    project.write({box.name: {"lab": box.release, "roles": ["services"], "services": wanted}})


def in_namespace(box, command):
    """A mount needs a capability that the box lacks, as on a rented one."""
    inspect = ["podman", "inspect", "-f", "{{.State.Pid}}", f"gpustrap-lab-{box.name}"]
    pid = subprocess.run(inspect, capture_output=True, text=True, check=True).stdout.strip()
    subprocess.run(["nsenter", "-t", pid, "-m", "sh", "-c", command], check=True)


def healthy(report):
    return {name for name, state in report["services"].items() if state["healthy"]}


def test_each_is_judged_alone_and_by_all_verbs_alike(project, box, ssh):
    services(project, box, SERVICES)
    ssh(box, "mkdir -p /etc/gpustrap/services/spoilt/run")

    ran = project.run("up", "-y", "--json")
    report = ran.report(box.name)

    assert ran.code == 1 and healthy(report) == {"web", "job"}, report
    assert report["services"]["web"]["url"] == box.url
    error = report["failed"]["error"]
    assert "loop ends again and again (crash loop)" in error and "canary-log" in error
    assert "127 (its command is not there)" in error
    assert "local listens on 127.0.0.1 only" in error
    assert "other is not ready: nothing listens on its port, it listens on 9009" in error
    assert "folder cannot run in /no/such/folder: there is no such folder" in error
    assert (
        "spoilt: runs and is ready: /etc/gpustrap/services/spoilt/run is a directory: a file has to stand there"
        in error
    )
    assert ssh(box, "cat /data/said").splitlines() == ["it's", "$HOME é", "é % $x"]

    proof = project.run("verify", "--json")
    assert proof.code == 1 and healthy(proof.report(box.name)) == {"web", "job"}
    status = project.run("status", "--json")
    seen = json.loads(status.stdout)["instances"][box.name]["services"]
    assert status.code == 1 and {name for name, one in seen.items() if one["ready"]} == {"web", "job"}
    assert "crash loop" in seen["loop"]["trouble"] and "canary-log" in seen["loop"]["log"]


def test_two_swap_their_ports_one_gets_another_name_and_the_tools_are_no_help(project, box, ssh):
    ssh(box, "printf '#!/bin/sh\\nexit 1\\n' | tee /usr/local/bin/tmux >/usr/local/bin/ss; chmod 755 /usr/local/bin/*;"
             " rm -f /usr/bin/curl; mkdir -p /var/log/gpustrap/two.log; ln -sfn /etc/passwd /var/log/gpustrap/one.log")  # fmt: skip

    # PID 1 is an sshd that has written its title over its environment.
    in_namespace(box, "mount --bind /dev/null /proc/1/environ")
    ssh(box, "printf 'CUDA_HOME=\"/opt/cuda\"\\nexport NCCL_DEBUG=a b\\nSECRET=canary\\n' >>/etc/environment")

    def serving(**ports):
        wanted = {
            name: {"command": SERVE.format(port, "0.0.0.0"), "port": port, "health": "/"}
            for name, port in ports.items()
        }
        services(project, box, wanted)
        return project.run("up", "-y", "--json")

    passwd = ssh(box, "stat -c %a /etc/passwd; cat /etc/passwd")
    for ports in ({"one": 8080, "two": 9000}, {"one": 9000, "two": 8080}, {"one": 9000, "three": 8080}):
        ran = serving(**ports)
        assert ran.code == 0, ran.stdout
    again = serving(one=9000, three=8080).report(box.name)
    assert (again["changed"], again["execs"]) == ([], 1)
    assert ssh(box, "stat -c %a /etc/passwd; cat /etc/passwd") == passwd
    had = ssh(box, "tr '\\0' '\\n' </proc/$(pgrep -nf '[h]ttp.server 8080')/environ").splitlines()
    assert {"CUDA_HOME=/opt/cuda", "NCCL_DEBUG=a b"} <= set(had) and "SECRET=canary" not in had
    in_namespace(
        box,
        "mount -t tmpfs -o size=64k none /var/log/gpustrap; cat /dev/zero >/var/log/gpustrap/a 2>/dev/null || true",
    )
    full = serving(four=9001)
    assert (full.code, healthy(full.report(box.name))) == (0, {"four"}), full.stdout
    proof = project.run("verify", "--json")
    assert (proof.code, healthy(proof.report(box.name))) == (1, {"four"})
    for said in (full.stderr, proof.stderr, project.run("status").stdout):
        assert "its log does not get what it says: No space left on device" in said
