"""A box that is restarted: its services are there again, each once, without `up`."""

from __future__ import annotations

import time

import pytest

from gpustrap.engine.boot import boot_files
from gpustrap.lab.box import PREFIX
from gpustrap.resolve.service import Service, Services

SERVER = "pgrep -fc 'python3 hello[.]py'"


@pytest.fixture
def restarted(project, engine, ssh, get):
    """`restarted(box)`: the box with the service `web`, after the container was restarted; how to see that it is back."""

    def restart(box, by):
        web = {"preset": "hello"}
        project.write(
            {box.name: {"lab": box.release, "flavour": box.flavour, "roles": ["services"], "services": {"web": web}}}
        )
        project.up()
        engine.run("restart", "-t", "1", PREFIX + box.name)
        by(box)
        end, seen = time.monotonic() + 20, ""
        while "PONG" not in seen:
            assert time.monotonic() < end, "the service does not come back"
            try:
                seen = get(f"{box.url}/ping")
            except OSError:
                time.sleep(0.1)
        assert ssh(box, SERVER) == "1"
        assert project.up().changed(box.name) == []

    return restart


@pytest.mark.one_release
def test_the_first_logins_after_a_restart_bring_its_services_back(restarted, box, ssh):
    def logins(box):
        for _ in range(100):
            try:
                ssh(box, f"! {SERVER}")
                break
            except AssertionError:
                time.sleep(0.1)
        ssh(box, "for n in 1 2 3; do bash -lc true & done; sh -lc true; wait")

    restarted(box, logins)


@pytest.mark.one_release
def test_what_the_provider_runs_at_each_start_brings_them_back(restarted, make_box, ssh):
    """A lab box is no RunPod to gpustrap, so what it would write there is put there by hand."""
    box = make_box(flavour="runpod")
    _, hook = boot_files(Services((Service("web", "x"),), boot=("post_start",)))
    ssh(box, f"cat >{hook.dest} <<'END'\n{hook.data.decode()}END")
    restarted(box, lambda _box: None)
