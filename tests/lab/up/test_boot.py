"""A box that is restarted: its services are there again, each once, without `up`."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress

import pytest

from awaiting import awaited
from gpustrap.lab.box import PREFIX

# What gpustrap writes for a provider that runs a script at each start: path, then text. By a process of its own, since
# the engine would make this one's sockets gevent's.
PRINT = """
from gpustrap.engine.boot import boot_files
from gpustrap.resolve.service import Service, Services
_, hook = boot_files(Services((Service("web", "x"),), boot=("post_start",)))
print(hook.dest, hook.data.decode(), sep="\\n", end="")
"""
SERVER = "pgrep -fc 'python3 hello[.]py'"


@pytest.fixture
def restarted(project, engine, ssh, get):
    """`restarted(box)`: the box with the service `web`, after the container was restarted; how to see that it is back."""

    def answers(box):
        with suppress(OSError):
            return "PONG" in get(f"{box.url}/ping")
        return False

    def restart(box, by):
        web = {"preset": "hello"}
        project.write(
            {box.name: {"lab": box.release, "flavour": box.flavour, "roles": ["services"], "services": {"web": web}}}
        )
        project.up()
        engine.run("restart", "-t", "1", PREFIX + box.name)
        by(box)
        awaited(lambda: answers(box), 20, why="the service does not come back")
        assert ssh(box, SERVER) == "1"
        assert project.up().changed(box.name) == []

    return restart


def reached(ssh, box):
    """Waits until it answers again, and nothing of the service runs yet."""

    def answers():
        with suppress(AssertionError):
            ssh(box, f"! {SERVER}")
            return True
        return False

    awaited(answers, why="it does not answer again, or the service runs already")


@pytest.mark.one_release
def test_the_first_logins_after_a_restart_bring_its_services_back(restarted, box, ssh):
    def logins(box):
        reached(ssh, box)
        ssh(box, "for n in 1 2 3; do bash -lc true & done; sh -lc true; wait")

    restarted(box, logins)


@pytest.mark.one_release
@pytest.mark.parametrize(
    ("flavour", "login"), [("featurize", "bash -lc true"), ("openbayes", "fish -lc true"), ("zsh", "zsh -lc true")]
)
def test_a_login_by_another_shell_or_user_brings_them_back_too(restarted, make_box, ssh, flavour, login):
    """Featurize's user may do all by sudo and is in no group that says so."""

    def logs_in(box):
        reached(ssh, box)
        ssh(box, login)

    restarted(make_box(flavour=flavour), logs_in)


@pytest.mark.one_release
def test_what_the_provider_runs_at_each_start_brings_them_back(restarted, make_box, ssh):
    """A lab box is no RunPod to gpustrap, so what it would write there is put there by hand."""
    box = make_box(flavour="runpod")
    printed = subprocess.run([sys.executable, "-c", PRINT], capture_output=True, text=True, check=True).stdout
    path, _, hook = printed.partition("\n")
    ssh(box, f"cat >{path} <<'END'\n{hook}END")
    restarted(box, lambda _box: None)
