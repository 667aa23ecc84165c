"""Presets as the real programs: they answer at their address, and let nobody in who has not the secret."""

from __future__ import annotations

import http.client
from urllib.error import HTTPError

import pytest

from jupyter_kernel import asked, printed_by

pytestmark = pytest.mark.one_release
TOKEN = "t0ken-of-the-person"
GATE_TOKEN = "t0ken-of-the-gateway"


def test_a_folder_is_served_and_nothing_beside_it(project, box, ssh, get):
    ssh(box, "mkdir /data/site && echo mine >/data/site/page.txt")
    project.write(
        {
            box.name: {
                "lab": box.release,
                "roles": ["services"],
                "services": {"site": {"preset": "static", "cwd": "/data/site"}},
            }
        }
    )
    project.up()
    assert get(f"{box.url}/page.txt") == "mine\n"
    assert project.up().changed(box.name) == []


def jupyterlab(port):
    # the box trusts what this machine trusts, and uv looks there when it is told to
    env = {"JUPYTER_TOKEN": {"env": "TOKEN"}, "SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt"}
    return {"lab": {"preset": "jupyterlab", "port": port, "env": env}}


def test_jupyterlab_asks_for_the_token_and_runs_a_cell_behind_the_gateway(project, box):
    def up():
        ran = project.run("up", "-y", "--json", env={"TOKEN": TOKEN, "GATE_TOKEN": GATE_TOKEN})
        assert ran.code == 0, ran.stderr
        assert TOKEN not in ran.stdout + ran.stderr
        return ran

    project.write({box.name: {"lab": box.release, "roles": ["python", "services"], "services": jupyterlab(8080)}})
    up()
    with pytest.raises(HTTPError, match="403"):
        asked("GET", f"{box.url}/api/contents", {})
    own = {"Authorization": f"token {TOKEN}"}
    assert asked("GET", f"{box.url}/api/contents", own)["type"] == "directory"
    assert up().changed(box.name) == []

    gateway = {"routes": {"/": "lab"}, "token": {"env": "GATE_TOKEN"}}
    roles = ["python", "gateway", "services"]
    project.write({box.name: {"lab": box.release, "roles": roles, "gateway": gateway, "services": jupyterlab(8888)}})
    up()
    for lacking in (own, {"Authorization": f"Bearer {GATE_TOKEN}"}):
        with pytest.raises(HTTPError, match="401" if lacking is own else "403"):
            asked("GET", f"{box.url}/api/contents", lacking)
    both = {**own, "Cookie": cookie(box.url)}
    assert printed_by(box.url, both, "print(6 * 7)") == "42\n"
    assert up().changed(box.name) == []


def cookie(url):
    """What the link with the gateway's token leaves in a browser."""
    there = http.client.HTTPConnection(url.removeprefix("http://"), timeout=20)
    there.request("GET", f"/?token={GATE_TOKEN}")
    return there.getresponse().headers["Set-Cookie"].split(";")[0]
