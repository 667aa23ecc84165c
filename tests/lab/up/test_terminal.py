"""At a terminal `up` shows what it would do and asks once; Ctrl-C leaves nothing broken."""

from __future__ import annotations

import pytest

from gpustrap.lab import targets
from gpustrap.lab.flavour import RELEASES

pytestmark = pytest.mark.one_release


def test_yes_makes_the_changes_that_were_shown(at_terminal, hello, box, get):
    terminal = at_terminal(hello, "up")
    terminal.wait_for("[y/N]")
    assert "would change" in terminal.shown and "web: files" in terminal.shown
    terminal.type("y\n")

    assert terminal.end() == 0, terminal.shown
    assert get(f"{box.url}/ping") == "PONG BY 0.0.0.0:8080"


def test_no_changes_nothing(at_terminal, hello, box, ssh):
    terminal = at_terminal(hello, "up")
    terminal.wait_for("[y/N]")
    terminal.type("n\n")

    assert terminal.end() == 0, terminal.shown
    assert terminal.shown.rstrip().endswith("Nothing changed.")
    assert ssh(box, "ls /var/lib/gpustrap 2>/dev/null || true") == ""


def test_nothing_to_change_asks_nothing(at_terminal, hello, box):
    hello.up()
    terminal = at_terminal(hello, "up")

    assert terminal.end() == 0, terminal.shown
    assert "[y/N]" not in terminal.shown and "0 changed" in terminal.shown
    assert targets.sessions(box.name)["execs"] > 0


def test_an_instance_that_cannot_be_made_holds_up_no_question(at_terminal, project, box, make_box, get):
    """The other stands as another release than is written: it fails before there is a connection."""
    settings = {"roles": ["services"], "services": {"web": {"preset": "hello"}}}
    other = next(release for release in RELEASES if release != box.release)
    project.write({box.name: {"lab": box.release, **settings}, make_box().name: {"lab": other, **settings}})

    terminal = at_terminal(project, "up")
    terminal.wait_for("[y/N]")
    terminal.type("y\n")

    assert terminal.end() == 1, terminal.shown
    assert f"not {other}" in " ".join(terminal.shown.split())
    assert get(f"{box.url}/ping") == "PONG BY 0.0.0.0:8080"


def test_ctrl_c_stops_in_a_sentence_and_the_next_run_converges(at_terminal, everything, box):
    terminal = at_terminal(everything, "up", "-y")
    terminal.wait_for("changed")
    terminal.interrupt()

    assert terminal.end() == 130, terminal.shown
    assert "Traceback" not in terminal.shown
    everything.up()
    assert everything.up().changed(box.name) == []


def test_a_changed_host_key_is_asked_about_once(at_terminal, project, box, ssh):
    settings = {"roles": ["services"], "services": {"web": {"preset": "hello"}}}
    project.write({"it": {"ssh": f"ssh -p {box.ssh_port} -i {box.key} root@{box.ssh_host}", **settings}})
    assert project.run("up", "-y").code == 0
    ssh(box, "rm /etc/ssh/ssh_host_*; ssh-keygen -A >/dev/null; kill -HUP 1")

    terminal = at_terminal(project, "up")
    terminal.wait_for("[y/N]")
    assert "host key" in terminal.shown
    terminal.type("y\n")

    assert terminal.end() == 0, terminal.shown
    assert project.run("up", "-y").code == 0
