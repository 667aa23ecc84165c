"""The verbs around a run, on one real box: what they say before and after it is provisioned."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

import warm
from gpustrap.lab.targets import LabTarget

pytestmark = pytest.mark.parametrize("release", ["debian-12"], indirect=True)


@pytest.fixture
def gpustrap(shared_box: LabTarget, tmp_path: Path):
    """`gpustrap("status")` runs it in a project that has the box with a service, and a box that is not there."""
    folder = tmp_path / "project"  # the same name for every test: the box is one project's
    (folder / "inventory").mkdir(parents=True)
    (folder / "inventory" / "hosts.yml").write_text(
        "defaults: {region: global, roles: [services]}\n"
        "instances:\n"
        f"  {shared_box.name}:\n"
        f"    lab: {shared_box.release}\n"
        "    services: {web: {preset: hello}}\n"
        "  gone: {lab: debian-12}\n"
    )
    environment = {**os.environ, "GPUSTRAP_HOME": str(tmp_path / "home")}
    environment.pop("GPUSTRAP_PROJECT", None)

    def run(*words: str) -> warm.Ran:
        return warm.run(words, folder, environment)

    return run


@pytest.fixture
def web_runs(gpustrap, shared_box, ssh):
    """The box's service runs for the test, and is gone after it."""
    done = gpustrap("up", shared_box.name, "-y")
    assert done.code == 0, done.stderr
    yield
    ssh(shared_box, "tmux -L gpustrap kill-server; rm -r /etc/gpustrap/services/web")


def test_status_tells_a_service_that_runs_from_one_that_does_not(gpustrap, shared_box, web_runs, ssh):
    running = gpustrap("status", shared_box.name)
    shown = f"{shared_box.name}: lab container, no card; web ready {shared_box.url} (up TIME, SIZE)\n"
    told = re.sub(r"up [^,]+, \d+ MiB", "up TIME, SIZE", running.stdout)
    assert (running.code, told, running.stderr) == (0, shown, "")
    ssh(
        shared_box,
        "tmux -L gpustrap new-session -d -s else 'sleep 600'; tmux -L gpustrap kill-session -t web;"
        " tmux -L gpustrap rename-session -t else web",
    )
    stuck = gpustrap("status", shared_box.name)
    shown = f"{shared_box.name}: lab container, no card; web not ready (nothing listens on its port any more) {shared_box.url}"
    assert (stuck.code, stuck.stdout.partition(" (up ")[0].rstrip("\n")) == (1, shown)
    ssh(shared_box, "tmux -L gpustrap new-session -d -s other 'sleep 600'; tmux -L gpustrap kill-session -t web")
    ended = json.loads(gpustrap("status", shared_box.name, "--json").stdout)["instances"][shared_box.name]
    assert (ended["ok"], ended["reachable"]) == (False, True)
    web = ended["services"]["web"]
    assert isinstance(web.pop("log"), list)
    assert web == {
        "running": False,
        "ready": False,
        "state": "stopped",
        "port": 8080,
        "url": shared_box.url,
        "local_url": "http://127.0.0.1:8080",
        "uptime_seconds": None,
        "restarts": 0,
        "processes": None,
        "memory_bytes": None,
        "gpu_memory_mib": None,
        "trouble": "",
    }


def test_looking_leaves_what_up_remembers(gpustrap, shared_box, web_runs):
    for verb in ("status", "inspect"):
        assert gpustrap(verb, shared_box.name).code == 0
    again = json.loads(gpustrap("up", shared_box.name, "-y", "--json").stdout)["instances"][shared_box.name]
    assert (again["changed"], again["execs"]) == ([], 1)


def test_one_that_is_not_there_hides_no_other_and_is_not_made(gpustrap, shared_box):
    done = gpustrap("status", "--json")
    found = json.loads(done.stdout)["instances"]
    assert done.code == 1
    assert (found[shared_box.name]["reachable"], found["gone"]["reachable"]) == (True, False)
    assert found["gone"]["failed"] == {"role": None, "operation": None, "error": "the lab target is not there"}
    assert gpustrap("ssh", "gone").stderr == "the lab target is not there\nhint: `gpustrap up gone` makes it\n"


def test_inspect_knows_the_lab_and_how(gpustrap, shared_box):
    facts = json.loads(gpustrap("inspect", shared_box.name, "--json").stdout)["instances"][shared_box.name]["survey"]
    assert (facts["provider"], facts["provider_reason"]) == ("lab", "/etc/gpustrap-lab exists")
    assert (facts["kind"], facts["os_id"], facts["os_version"], facts["driver"]) == ("container", "debian", "12", None)
    assert {disk["mount"]: disk["survives"] for disk in facts["disks"]} == {"/": False, "/data": True}


@pytest.mark.parametrize(("command", "code", "printed"), [("true", 0, ""), ("hostname; exit 7", 7, "{name}\n")])
def test_ssh_runs_a_command_and_gives_its_exit_code(gpustrap, shared_box, command, code, printed):
    done = gpustrap("ssh", shared_box.name, "--", command)
    assert (done.code, done.stdout) == (code, printed.format(name=shared_box.name))


def test_an_instance_added_as_pasted_can_be_planned_and_logged_in_to(gpustrap, shared_box):
    words = ["ssh", "-i", str(shared_box.key), "-p", str(shared_box.ssh_port), f"root@{shared_box.ssh_host}"]
    added = gpustrap("add", " ".join(words), "--name", "pasted")
    assert (added.code, added.stderr) == (0, "")
    planned = gpustrap("plan", "pasted", "--json")
    assert planned.code in (0, 3), planned.stderr  # what the tests before have left of services would go
    assert json.loads(planned.stdout)["instances"]["pasted"]["ok"] is True
    assert gpustrap("ssh", "pasted", "hostname").stdout == f"{shared_box.name}\n"
