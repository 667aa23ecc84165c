"""From a clean project of the laptop to an answering URL: a FastAPI app that computes with torch, by one `up`."""

from __future__ import annotations

MAIN = """
import torch
from fastapi import FastAPI

app = FastAPI()


@app.get("/")
def answer() -> str:
    return f"one: {torch.__version__} {(torch.ones(3, 3) @ torch.ones(3, 3)).sum().item()}"
"""
PIDS = "tmux -L gpustrap list-panes -a -F '#{session_name} #{pane_pid}'"


def pids(ssh, box):
    return dict(line.split() for line in ssh(box, PIDS).splitlines())


def test_one_up_leads_from_a_fastapi_app_that_asks_for_torch_to_its_url_and_the_next_follows_an_edited_line(
    app, ssh, get
):
    """FastAPI, uvicorn and torch's CPU build are the real ones, from this machine's index. The box has no other way."""
    files = {"main.py": MAIN, "requirements.txt": "torch>=2.12\nfastapi\nuvicorn\n"}
    for name, text in files.items():
        (app.folder / "app" / name).write_text(text)
    other = {"command": "exec python3 -m http.server {port}", "port": 8001}
    services = {"web": {"preset": "asgi", "project": True}, "other": other}
    app.add(["base", "project", "services"], project={"path": "./app"}, services=services)
    box = app.box

    report = app.up().report(box.name)

    assert report["services"]["web"] == {"url": box.url, "local_url": "http://127.0.0.1:8080", "healthy": True}
    assert get(box.url) == '"one: 2.13.0+cpu 27.0"'
    before = pids(ssh, box)
    assert app.up().changed(box.name) == []
    assert pids(ssh, box) == before and set(before) == {"web", "other"}

    (app.folder / "app" / "main.py").write_text(MAIN.replace("one:", "two:"))
    assert app.up().changed(box.name) == ["project | files", "services | web: runs and is ready"]
    assert get(box.url) == '"two: 2.13.0+cpu 27.0"'
    after = pids(ssh, box)
    assert after["other"] == before["other"] and after["web"] != before["web"]

    (app.folder / "app" / "requirements.txt").write_text("torch==2.12.0\nfastapi\nuvicorn\n")
    ran = app.run("up", box.name, "-y", "--json")
    assert ran.code == 1
    failed = ran.report(box.name)["failed"]
    assert failed["error"] == "requirements.txt asks for torch==2.12.0, and role torch has chosen torch 2.13.0+cpu"
    assert get(box.url) == '"two: 2.13.0+cpu 27.0"'
