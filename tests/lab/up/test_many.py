"""Several instances at once: one that fails leaves the others to finish, and is named with the reason."""

from __future__ import annotations

import json
import socket

import pytest

from gpustrap.lab import targets

pytestmark = pytest.mark.one_release


def closed_port():
    """A port of this machine on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


HELLO = {"roles": ["services"], "services": {"web": {"preset": "hello"}}}


def test_an_unreachable_instance_leaves_the_other_to_finish(project, box, get):
    port = closed_port()
    project.write({box.name: {"lab": box.release, **HELLO}, "gone": {"ssh": f"ssh -p {port} root@127.0.0.1", **HELLO}})

    ran = project.run("up", "-y", "--json")

    assert ran.code == 1
    assert ran.report(box.name)["ok"] is True
    assert get(f"{box.url}/ping") == "PONG BY 0.0.0.0:8080"
    failed = ran.report("gone")
    assert failed["ok"] is False and failed["changed"] == []
    assert failed["failed"]["operation"] == "connect"
    assert failed["failed"]["error"].startswith("nothing listens on its ssh port (")
    assert "failed" in ran.stderr and "gone" in ran.stderr
    assert "is the instance started? its port may be another one after a restart" in ran.stderr


def test_an_instance_whose_role_fails_leaves_the_other_to_finish(project, make_box, get, ssh):
    good, bad = make_box(), make_box()
    ssh(bad, "rm /usr/bin/python3")
    project.write({box.name: {"lab": box.release, **HELLO} for box in (good, bad)})

    ran = project.run("up", "-y", "--json")

    assert ran.code == 1
    assert ran.report(good.name)["ok"] is True
    assert get(f"{good.url}/ping") == "PONG BY 0.0.0.0:8080"
    assert ran.report(bad.name)["failed"] == {
        "role": "services",
        "operation": "web",
        "error": "this instance has no python3, which 'web' runs on",
    }


def test_two_instances_do_not_mix_their_operations(project, make_box, ssh):
    """Different roles on two boxes at the same time: each gets its own, and only its own."""
    one, other = make_box(), make_box()
    project.write(
        {
            one.name: {"lab": one.release, **HELLO},
            other.name: {"lab": other.release, "roles": ["mirrors"], "mirrors": {"npm": "http://mirror.invalid/npm"}},
        }
    )

    ran = project.up()

    assert {change.split(" | ")[0] for change in ran.changed(one.name)} == {"services"}
    assert {change.split(" | ")[0] for change in ran.changed(other.name)} == {"mirrors"}
    assert ssh(other, "cat /root/.npmrc").splitlines()[1] == "registry=http://mirror.invalid/npm"
    assert ssh(one, "ls /root/.npmrc 2>/dev/null || true") == ""
    assert project.up().changed(one.name) == []


def test_limit_leaves_the_others_alone(project, make_box):
    one, other = make_box(), make_box()
    project.write({box.name: {"lab": box.release, **HELLO} for box in (one, other)})

    ran = project.run("up", "-y", "--json", "--limit", one.name)

    assert ran.code == 0, ran.stderr
    assert list(json.loads(ran.stdout)["instances"]) == [one.name]
    assert targets.sessions(other.name)["connections"] == 0
