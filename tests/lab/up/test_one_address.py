"""Several instances behind one address, told apart by their ports alone; a port that leads to another box one day."""

from __future__ import annotations

import json
import subprocess
import urllib.request

import pytest

from gpustrap.lab.box import PREFIX

pytestmark = pytest.mark.one_release
KEYS = "cd /etc/ssh && tar -cf - ssh_host_* | base64 -w0"


@pytest.fixture
def boxes(make_box, engine):
    """Two boxes with one host key, as images that are cloned have it, and a page on each that says which it is."""
    made = {"first": make_box(), "second": make_box()}

    def inside(name, command):
        return engine.run("exec", PREFIX + made[name].name, "sh", "-c", command)

    keys = inside("first", KEYS)
    inside("second", f"echo {keys} | base64 -d | tar -C /etc/ssh -xf - && kill -HUP $(pgrep -o -x sshd)")
    for name in made:
        inside(name, f"mkdir -p /data/site && echo {name} >/data/site/who")
    return made


def at(box, port):
    site = {"preset": "static", "cwd": "/data/site", "port": 8080}
    return {"ssh": f"ssh -p {port} -i {box.key} root@127.0.0.1", "roles": ["services"], "services": {"site": site}}


def who(url):
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{url}/who", timeout=20) as answer:
        return answer.read().decode().strip()


def test_nothing_of_them_mixes_and_a_port_that_leads_elsewhere_is_noticed_before_a_change(project, boxes):
    project.write({name: at(box, box.ssh_port) for name, box in boxes.items()})
    project.up()
    report = json.loads(project.up().stdout)["instances"]
    assert {name: (one["ok"], one["changed"], one["execs"]) for name, one in report.items()} == {
        "first": (True, [], 1),
        "second": (True, [], 1),
    }
    tunnels = {
        name: subprocess.Popen(
            project.command("tunnel", f"{name}/site"),
            cwd=project.folder,
            env=project.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for name in boxes
    }
    try:
        assert {name: who(one.stdout.readline().strip()) for name, one in tunnels.items()} == {
            "first": "first",
            "second": "second",
        }
    finally:
        for one in tunnels.values():
            one.kill()
            one.communicate()

    swapped = {"first": boxes["second"], "second": boxes["first"]}
    project.write({name: at(box, box.ssh_port) for name, box in swapped.items()})
    for verb in (["up", "-y"], ["svc", "stop", "first", "site"], ["revert", "first", "-y"]):
        ran = project.run(*verb, "--json")
        failed = ran.report("first")["failed"]
        assert (ran.code, ran.report("first")["changed"]) == (1, []), verb
        assert failed["error"].startswith("it is set up as 'test_"), failed
        assert "/second', not as 'test_" in failed["error"]
