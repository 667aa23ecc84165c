"""The life of one instance on every flavour: fresh, again, settings, drift, settings taken away, a reset."""

from __future__ import annotations

import re

import pytest

from gpustrap.lab import targets
from gpustrap.lab.flavour import flavour_names

# On these no command can be run at all: gpustrap has to say so in a sentence, and touch nothing.
SHUT = {"runpod-proxy", "vast-bare", "exits"}
NO_SENTENCE = ("internal error", "Traceback", "PyinfraError", "No hosts remaining", "that gpustrap cannot read")
BARE = {"roles": ["network", "mirrors", "base", "python", "services"], "services": {"web": {"preset": "hello"}}}
SET = {
    **BARE,
    "network": {"proxy": "http://proxy.invalid:3128"},
    "mirrors": {
        "pypi": "http://mirror.invalid/simple",
        "conda": "http://mirror.invalid/anaconda",
        "npm": "http://mirror.invalid/npm",
        "git": "http://mirror.invalid/https://github.com/",
    },
}
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBwZ3gY7s5yq5dJm0oF0cVd2o1bYx6m6mYw1m3e1Qk2f friend@home"
FRONT = {
    "roles": ["access", "base", "project", "gateway", "services"],
    "access": {"keys": [KEY]},
    "project": {"path": "./app", "environment": "none"},
    "gateway": {"routes": {"/": "web"}, "open": True},
    "services": {"web": {"preset": "hello", "port": 8001}},
}
MADE = re.compile(r"nginx|/var/www|(/root|/home/\w+)/app\b")
# What these lack comes from apt, which a proxy that is none would keep from it.
LACK = {"autodl", "minimal"}
# Every file of /etc and of the homes with its mode, owner and content, but for what gpustrap keeps of its own,
# and zsh's own cache, which its first interactive shell writes.
LOOK = """
find /etc /root /home -xdev \\( -name .cache -o -name .zcompdump -o -path '*/.local/share' -o -path /etc/gpustrap \\) -prune -o -type f -print0 |
    sort -z | xargs -0 stat -c '%a %U %n'
find /etc /root /home -xdev \\( -name .cache -o -name .zcompdump -o -path '*/.local/share' -o -path /etc/gpustrap \\) -prune -o -type f -print0 |
    sort -z | xargs -0 sha256sum
"""


@pytest.mark.parametrize("flavoured", sorted(set(flavour_names()) - SHUT), indirect=True)
def test_the_life_of_an_instance(flavoured, project, inside, get, standing, unsaid):
    box = flavoured

    def hosts(settings):
        project.write({box.name: {"lab": box.release, "flavour": box.flavour, **settings}})

    hosts(BARE)
    first = project.up()
    assert "open to others" not in first.stderr, "the provider's own programs are known"
    report = first.report(box.name)
    assert report["services"]["web"]["healthy"] is True
    assert get(f"{box.url}/ping") == "PONG BY 0.0.0.0:8080"
    before = inside(box, LOOK)
    assert project.up().changed(box.name) == [], "a second run"

    hosts(SET)
    assert project.up().changed(box.name) != []

    inside(box, f"sed -i '0,/^[^#].*/s//drifted=/' ~{box.user}/.npmrc")
    assert len(project.up().changed(box.name)) == 1, "a second run with settings, and drift of one file"

    hosts(BARE)
    project.up()
    assert inside(box, LOOK).splitlines() == before.splitlines(), "settings taken away"

    reset = targets.reset(box.name)
    bare = standing(box)
    hosts({**SET, "network": {}} if box.flavour in LACK else SET)
    assert len(project.up().changed(box.name)) >= 2
    assert get(f"{reset.url}/ping") == "PONG BY 0.0.0.0:8080"
    assert project.up().changed(box.name) == [], "a second run after a reset"

    notes = project.revert().report(box.name)["notes"]
    assert unsaid(bare ^ standing(box), notes) == []


@pytest.mark.parametrize("flavoured", sorted(set(flavour_names()) - SHUT), indirect=True)
def test_what_the_roles_in_front_did_is_taken_back(flavoured, project, get, standing, unsaid):
    """access, project and gateway. What a person sent stays and is said to; what nginx's package made is its own."""
    box, bare = flavoured, standing(flavoured)
    (project.folder / "app").mkdir()
    (project.folder / "app" / "main.py").write_text("print('mine')\n")
    project.write({box.name: {"lab": box.release, "flavour": box.flavour, **FRONT}})
    changed = project.up().changed(box.name)
    assert {"access | keys", "project | files"} <= set(changed)
    assert any(one.startswith("gateway | ") for one in changed)
    assert get(f"{box.url}/ping") == "PONG BY 0.0.0.0:8001"
    assert project.up().changed(box.name) == []

    notes = project.revert().report(box.name)["notes"]
    assert "the project's folder stays, with its environment: what is in it is yours" in notes
    left = [line for line in unsaid(bare ^ standing(box), notes) if not MADE.search(line)]
    assert left == []


@pytest.mark.parametrize("flavoured", sorted(SHUT), indirect=True)
def test_a_box_that_runs_no_command_is_said_to_be_so(flavoured, project):
    project.write({flavoured.name: {"lab": flavoured.release, "flavour": flavoured.flavour, **BARE}})
    for verb in (["up", "-y"], ["plan"], ["verify"]):
        ran = project.run(*verb, "--json")
        assert ran.code == 1, ran.stderr
        report = ran.report(flavoured.name)
        assert report["changed"] == []
        for word in NO_SENTENCE:
            assert word not in ran.stderr + report["failed"]["error"], ran.stderr
