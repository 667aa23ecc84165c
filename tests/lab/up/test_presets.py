"""Presets as the real programs: they answer at their address, and let nobody in who has not the secret."""

from __future__ import annotations

import urllib.request
from urllib.error import HTTPError

import pytest

pytestmark = pytest.mark.one_release
TOKEN = "t0ken-of-the-person"


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


def test_jupyterlab_asks_for_the_token(project, box):
    # the box trusts what this machine trusts, and uv looks there when it is told to
    env = {"JUPYTER_TOKEN": {"env": "TOKEN"}, "SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt"}
    lab = {"preset": "jupyterlab", "port": 8080, "env": env}
    project.write({box.name: {"lab": box.release, "roles": ["python", "services"], "services": {"lab": lab}}})
    ran = project.run("up", "-y", "--json", env={"TOKEN": TOKEN})
    assert ran.code == 0, ran.stderr

    def ask(**headers):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        return opener.open(urllib.request.Request(f"{box.url}/api/contents", headers=headers), timeout=20)

    with pytest.raises(HTTPError, match="403"):
        ask()
    with ask(Authorization=f"token {TOKEN}") as answer:
        assert answer.status == 200
    assert TOKEN not in ran.stdout + ran.stderr
    again = project.run("up", "-y", "--json", env={"TOKEN": TOKEN})
    assert again.changed(box.name) == []
