"""A service's address from outside, as the box's own variables tell it, on a box that is reached as a rented one is."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.one_release


def test_the_address_is_told_by_the_variables_and_asked_from_here(project, make_box, get):
    box = make_box(flavour="vast")
    rented = {"ssh": f"ssh -p {box.ssh_port} -i {box.key} root@127.0.0.1", "roles": ["services"]}
    project.write({"it": {**rented, "services": {"web": {"preset": "hello"}, "job": {"command": "sleep 1000"}}}})
    up = project.up()
    assert up.report("it")["services"]["web"] == {
        "url": box.url,
        "local_url": "http://127.0.0.1:8080",
        "healthy": True,
    }
    assert get(f"{box.url}/ping") == "PONG BY 0.0.0.0:8080"
    for verb in (["status"], ["svc", "ls"]):
        assert box.url in project.run(*verb).stdout
        ran = json.loads(project.run(*verb, "--json").stdout)["instances"]["it"]
        assert ran["services"]["web"]["url"] == box.url

    project.write({"it": {**rented, "public_url": "http://127.0.0.1:1", "services": {"web": {"preset": "hello"}}}})
    assert "not ready" in (seen := project.run("status")).stdout and seen.code == 1
    wrong = project.run("verify", "--json")
    assert wrong.code == 1
    assert "from this computer http://127.0.0.1:1/ping cannot be reached" in wrong.report("it")["failed"]["error"]
