"""Presets whose programs are large, as the real programs: with GPUSTRAP_HEAVY=1 alone, since they take minutes.

`GPUSTRAP_HEAVY=1 ./gpustrap test tests/lab/up/test_heavy_presets.py`
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

from browser import chromium
from web_socket import WebSocket

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
    WebSocket(f"{box.url}/_stcore/stream", {}, seconds=20).close()  # raises Refused for any other answer than 101


def test_tensorboard_shows_a_folder(project, box, ssh, get):
    ssh(box, "mkdir -p /data/runs")
    board = {"preset": "tensorboard", "port": 8080, "cwd": "/data/runs", "env": {"SSL_CERT_FILE": CA}}
    project.write({box.name: {"lab": box.release, "roles": ["python", "services"], "services": {"board": board}}})
    project.up()
    assert json.loads(get(f"{box.url}/data/environment"))["data_location"] == "."
    assert json.loads(get(f"{box.url}/data/runs")) == []
    assert project.run("verify").code == 0
    assert project.up().changed(box.name) == []


# What Jupyter wants of a page that writes: its cookie, said once more.
XSRF = "headers: {'X-XSRFToken': document.cookie.match(/_xsrf=([^;]*)/)[1]}"
# Its name alone comes before it is there, and it is idle as long as there is none.
KERNEL_WAITS = (
    "document.querySelector('.jp-KernelName')?.innerText.includes('ipykernel')"
    " && document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status === 'idle'"
)
TOKEN, GATE_TOKEN = "t0ken-of-the-person", "t0ken-of-the-gateway"
NOTEBOOK = {
    "type": "notebook",
    "content": {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "cells": [
            {
                "id": "a",
                "cell_type": "code",
                "source": "print(6 * 7)",
                "metadata": {},
                "outputs": [],
                "execution_count": None,
            }
        ],
    },
}


@pytest.mark.skipif(not shutil.which("chromium"), reason="Debian's package chromium is not installed")
def test_a_cell_is_run_in_a_browser_that_comes_through_the_gateway(project, box, tmp_path):
    lab = {"preset": "jupyterlab", "port": 8888, "env": {"JUPYTER_TOKEN": {"env": "TOKEN"}, "SSL_CERT_FILE": CA}}
    gateway = {"routes": {"/": "lab"}, "token": {"env": "GATE_TOKEN"}}
    roles = ["python", "gateway", "services"]
    project.write({box.name: {"lab": box.release, "roles": roles, "gateway": gateway, "services": {"lab": lab}}})
    ran = project.run("up", "-y", env={"TOKEN": TOKEN, "GATE_TOKEN": GATE_TOKEN})
    assert ran.code == 0, ran.stderr
    with chromium(tmp_path / "profile") as page:
        page.opens(f"{box.url}/lab?token={TOKEN}")
        assert "asks for a token" in page.awaits("document.body.innerText")
        page.opens(f"{box.url}/?token={GATE_TOKEN}")
        page.awaits("document.querySelector('input[type=password]') !== null && !location.search.includes('t0ken')")
        page.opens(f"{box.url}/lab?token={TOKEN}")
        page.awaits("document.querySelector('.jp-Launcher') !== null")
        saved = (
            f"fetch('/api/contents/cell.ipynb', {{method: 'PUT', body: {json.dumps(json.dumps(NOTEBOOK))}, {XSRF}}})"
        )
        page.says(f"{saved}.then(answer => window.saved = answer.status)")
        assert page.awaits("window.saved") == 201
        page.opens(f"{box.url}/lab/tree/cell.ipynb")
        page.awaits("document.querySelector('.jp-Cell .cm-content') !== null")
        page.awaits(KERNEL_WAITS)
        page.says("document.querySelector('.jp-Cell .cm-content').focus()")
        page.presses("Enter", 13, modifiers=8)
        assert page.awaits("document.querySelector('.jp-OutputArea-output')?.innerText").strip() == "42"
