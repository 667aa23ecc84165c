"""Presets as the real programs: they answer at their address, and let nobody in who has not the secret."""

from __future__ import annotations

import subprocess
import sys
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


ASGI = """
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello from asgi"})
"""


def test_an_app_of_the_project_is_served_by_the_uvicorn_that_it_asks_for(project, box, ssh, get, tmp_path):
    wheels = tmp_path / "wheels"
    fetch = [sys.executable, "-m", "pip", "download", "-q", "--only-binary=:all:", "-d", wheels, "uvicorn"]
    subprocess.run(fetch, check=True, timeout=120)
    for wheel in wheels.iterdir():
        subprocess.run([*box.ssh_command, f"cat >/srv/{wheel.name}"], input=wheel.read_bytes(), check=True, timeout=60)
    folder = project.folder / "shop"
    folder.mkdir()
    (folder / "main.py").write_text(ASGI)
    (folder / "requirements.txt").write_text("--no-index\n--find-links /srv\nuvicorn\n")
    one = {
        "lab": box.release,
        "roles": ["base", "python", "project", "services"],
        "project": {"path": "./shop"},
        "services": {"api": {"preset": "asgi", "project": True}},
    }
    project.write({box.name: one})
    project.up()
    assert get(box.url) == "hello from asgi"
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
