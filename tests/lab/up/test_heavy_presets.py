"""Presets whose programs are large, as the real programs: with GPUSTRAP_HEAVY=1 alone, since they take minutes.

`GPUSTRAP_HEAVY=1 ./gpustrap test tests/lab/up/test_heavy_presets.py`
"""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys

import pytest

pytestmark = [
    pytest.mark.one_release,
    pytest.mark.skipif("GPUSTRAP_HEAVY" not in os.environ, reason="takes minutes: GPUSTRAP_HEAVY=1 runs it"),
]
CA = "/etc/ssl/certs/ca-certificates.crt"  # the box trusts what this machine trusts, where uv is told to look there
GRADIO = 'import gradio\ngradio.Interface(lambda name: f"hello {name}", "text", "text").launch()\n'
STREAMLIT = 'import streamlit\nstreamlit.title("hello from streamlit")\n'


@pytest.fixture
def app(project, box, tmp_path):
    """`app("gradio", text)`: a project of one file and one requirement, which is on the box; it runs by the preset."""

    def starts(preset, text):
        wheels, folder = tmp_path / "wheels", project.folder / "app"
        fetch = [sys.executable, "-m", "pip", "download", "-q", "--only-binary=:all:", "-d", wheels, preset]
        subprocess.run(fetch, check=True, timeout=300)
        pack = subprocess.run(["tar", "-C", wheels, "-cf", "-", "."], check=True, capture_output=True).stdout
        subprocess.run([*box.ssh_command, "tar -C /srv -xf -"], input=pack, check=True, timeout=120)
        folder.mkdir()
        (folder / "app.py").write_text(text)
        (folder / "requirements.txt").write_text(f"--no-index\n--find-links /srv\n{preset}\n")
        service = {"preset": preset, "project": True, "port": 8080}
        roles = ["base", "python", "project", "services"]
        project.write(
            {box.name: {"lab": box.release, "roles": roles, "project": {"path": "./app"}, "services": {"app": service}}}
        )
        project.up()
        assert project.run("verify").code == 0
        assert project.up().changed(box.name) == []

    return starts


def test_gradio_answers_with_its_interface(app, box, get):
    app("gradio", GRADIO)
    config = json.loads(get(f"{box.url}/config"))
    assert [one["type"] for one in config["components"]].count("textbox") == 2


def test_streamlit_answers_and_streams(app, box, get):
    app("streamlit", STREAMLIT)
    assert get(f"{box.url}/_stcore/health") == "ok"
    host, port = box.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as stream:
        key = base64.b64encode(os.urandom(16)).decode()
        asks = f"GET /_stcore/stream HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        stream.sendall(f"{asks}Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        assert stream.recv(1000).startswith(b"HTTP/1.1 101")


def test_tensorboard_shows_a_folder(project, box, ssh, get):
    ssh(box, "mkdir -p /data/runs")
    board = {"preset": "tensorboard", "port": 8080, "cwd": "/data/runs", "env": {"SSL_CERT_FILE": CA}}
    project.write({box.name: {"lab": box.release, "roles": ["python", "services"], "services": {"board": board}}})
    project.up()
    assert json.loads(get(f"{box.url}/data/environment"))["data_location"] == "."
    assert json.loads(get(f"{box.url}/data/runs")) == []
    assert project.run("verify").code == 0
    assert project.up().changed(box.name) == []
