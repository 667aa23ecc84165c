"""One service by hand, on a real box: what runs there afterwards, and what a later `up` does."""

from __future__ import annotations

import json
from urllib.error import HTTPError

import pytest

# The server has left the session and its parents: only its mark tells whose it is.
DETACHED = "(setsid python3 -m http.server 8080 &); exec sleep 1000"
SERVER = "pgrep -f 'http.server 808[0]' || true"


@pytest.fixture
def web(project, box):
    """A project whose one instance, the box, runs `web`, whose server is a grandchild in a session of its own."""
    web = {"command": DETACHED, "port": 8080, "ready_seconds": 10}
    project.write({box.name: {"lab": box.release, "roles": ["services"], "services": {"web": web}}})
    project.up()
    return project


def listed(project):
    ran = project.run("svc", "ls", "--json")
    ((_, seen),) = json.loads(ran.stdout)["instances"].items()
    return ran.code, seen["services"]["web"]


@pytest.mark.one_release
def test_a_service_is_stopped_with_all_that_it_started_until_it_is_wanted_again(web, box, ssh):
    first = ssh(box, SERVER)
    seen = listed(web)[1]
    assert (seen["state"], seen["processes"] > 1, seen["gpu_memory_mib"]) == ("ready", True, None)
    assert 2**22 < seen["memory_bytes"] < 2**28

    assert web.run("svc", "stop", "web").code == 0
    assert ssh(box, f"{SERVER}; ss -Hltn 'sport = :8080'; pgrep -x sleep || true") == ""
    code, seen = listed(web)
    assert (code, seen["state"], seen["uptime_seconds"]) == (1, "stopped", None)
    assert web.run("svc", "stop", "web", "--json").report(box.name)["unchanged"] == 1

    assert web.run("svc", "start", box.name, "web").code == 0
    second = ssh(box, SERVER)
    assert second not in ("", first)
    assert web.up().changed(box.name) == [], "what svc starts is what up would start"
    assert web.run("svc", "start", "web", "--json").report(box.name)["unchanged"] == 1
    assert ssh(box, SERVER) == second

    assert web.run("svc", "restart", "web").code == 0
    assert ssh(box, SERVER) not in ("", second)
    assert web.run("svc", "stop", "web").code == 0
    assert web.up().changed(box.name) == ["services | web: runs and is ready"]
    assert listed(web)[1]["state"] == "ready"


@pytest.mark.one_release
def test_its_log_is_shown_and_followed_and_nothing_of_that_is_left(project, box, ssh, get, at_terminal):
    web = {"command": "exec python3 -u -m http.server {port}", "port": 8080}
    project.write({box.name: {"lab": box.release, "roles": ["services"], "services": {"web": web}}})
    project.up()

    terminal = at_terminal(project, "svc", "logs", "web", "-f")
    with pytest.raises(HTTPError):
        get(f"{box.url}/asked-for")
    terminal.wait_for("/asked-for")
    terminal.interrupt()

    assert terminal.end() == 130 and "Traceback" not in terminal.shown
    assert (
        ssh(
            box,
            "i=0; while pgrep -x tail >/dev/null && [ $i -lt 50 ]; do i=$((i+1)); sleep 0.1; done; pgrep -x tail || true",
        )
        == ""
    )
    shown = project.run("svc", "logs", box.name, "web", "-n", "1")
    assert (shown.code, len(shown.stdout.splitlines()), shown.stderr) == (0, 1, "")


@pytest.mark.one_release
def test_one_that_cannot_get_ready_fails_with_its_last_lines(web, box, ssh):
    ssh(box, "mv /usr/bin/python3 /usr/bin/python3.gone; mv /usr/bin/setsid /usr/bin/setsid.gone")

    ran = web.run("svc", "restart", "web", "--json")

    assert ran.code == 1
    failed = ran.report(box.name)["failed"]
    assert (failed["role"], failed["operation"]) == ("services", "web")
    assert "nothing listens on its port" in failed["error"] and "setsid: not found" in failed["error"]
