"""Whose a lab target is: two projects and none, by the command line; and what a flavour's target is."""

from __future__ import annotations

import json
import os
import secrets
import subprocess

import pytest

import warm
from gpustrap.lab import targets
from gpustrap.lab.flavour import find_flavour
from gpustrap.lab.layers import ensure_flavour

pytestmark = pytest.mark.one_release


@pytest.fixture
def projects(tmp_path, removed_with):
    """Two empty projects, whose lab targets go with the test."""
    folders = (tmp_path / "one", tmp_path / "other")
    for folder in folders:
        (folder / "inventory").mkdir(parents=True)
        (folder / "inventory" / "hosts.yml").write_text("instances: {}\n")
        removed_with(folder)
    return folders


def gpustrap(project, *words, timeout=120):
    environment = {**os.environ, "GPUSTRAP_HOME": str(project / "home"), "NO_COLOR": "1"}
    environment.pop("GPUSTRAP_PROJECT", None)
    return warm.run(words, project, environment, timeout)


def test_three_targets_made_at_once_by_one_up_are_made(projects, release):
    names = [f"{word}-{secrets.token_hex(2)}" for word in ("one", "two", "three")]
    instances = "".join(f"  {name}: {{lab: {release}}}\n" for name in names)
    (projects[0] / "inventory" / "hosts.yml").write_text(f"defaults: {{roles: []}}\ninstances:\n{instances}")

    done = gpustrap(projects[0], "up", "-y", "--json", timeout=90)

    assert done.code == 0, done.stderr
    assert {name for name, one in json.loads(done.stdout)["instances"].items() if one["ok"]} == set(names)
    listed = json.loads(gpustrap(projects[0], "lab", "ls", "--json").stdout)["targets"]
    assert [listed[name]["state"] for name in names] == ["running"] * 3


def test_one_name_in_two_projects_is_two_boxes(projects, release, engine, ssh):
    name = f"t-{secrets.token_hex(4)}"
    for folder in projects:
        assert gpustrap(folder, "lab", "up", name, "--release", release).code == 0
    first, second = (targets.target(name, folder) for folder in projects)
    assert first.ssh_port != second.ssh_port
    assert [ssh(each, "hostname") for each in (first, second)] == [name, name]
    ssh(first, "echo mine >/data/kept")
    assert ssh(second, "ls /data") == ""

    assert gpustrap(projects[1], "lab", "reset", name).code == 0
    assert gpustrap(projects[1], "lab", "down", name).code == 0

    assert targets.target(name, projects[1]) is None
    assert targets.target(name, projects[0]) == first
    assert ssh(first, "cat /data/kept") == "mine"


def test_ls_shows_this_projects_targets_and_counts_the_others(projects, release, shared_box):
    name = f"t-{secrets.token_hex(4)}"
    targets.up(name, release, project=projects[0])
    here, there = (gpustrap(folder, "lab", "ls") for folder in projects)
    assert [line.split()[0] for line in here.stdout.splitlines()] == ["target", name]
    assert there.stdout == ""
    assert there.stderr.endswith(" more of other projects or of none: `gpustrap lab ls --all`\n")
    everything = gpustrap(projects[1], "lab", "ls", "--all").stdout.splitlines()
    assert [line.split("  of ")[1] for line in everything if line.startswith((name, shared_box.name))] == [
        *(["no project", str(projects[0])] if shared_box.name < name else [str(projects[0]), "no project"]),
    ]


def test_another_projects_name_is_unknown_here(projects, release):
    name = f"t-{secrets.token_hex(4)}"
    targets.up(name, release, project=projects[0])
    refused = gpustrap(projects[1], "lab", "down", name)
    assert refused.code == 2
    assert refused.stderr.startswith(f"there is no lab target '{name}'")
    assert targets.target(name, projects[0]) is not None


def test_a_flavour_is_shown_and_kept_by_a_reset_and_another_is_refused(projects, ssh):
    name = f"t-{secrets.token_hex(4)}"
    made = gpustrap(projects[0], "lab", "up", name, "--flavour", "lambda")
    assert "ubuntu@127.0.0.1\n" in made.stdout, made.stderr
    assert gpustrap(projects[0], "lab", "ls").stdout.splitlines()[1].split()[:4] == [
        name,
        "debian-12",
        "lambda",
        "running",
    ]
    box = targets.reset(name, project=projects[0])
    assert ssh(box, "id -un; sudo -n id -un; grep flavour /etc/gpustrap-lab") == "ubuntu\nroot\nflavour=lambda"
    as_root = [part.replace("ubuntu@", "root@") for part in box.ssh_command]
    assert subprocess.run([*as_root, "true"], capture_output=True).returncode == 255
    other = gpustrap(projects[0], "lab", "up", name, "--flavour", "vast")
    assert (other.code, other.stderr) == (
        2,
        (
            f"lab target '{name}' is debian-12 lambda, not debian-12 vast\n"
            f"hint: `gpustrap lab down {name}` removes it and its data\n"
        ),
    )
    assert gpustrap(projects[0], "lab", "up", name).code == 0  # whatever it is


def test_a_box_made_from_a_flavours_image_outlives_the_process_that_built_it(engine):
    tag = ensure_flavour(engine, "debian-12", find_flavour("lambda"))
    assert engine.inspect("image", tag)[0]["Config"]["Labels"]["gpustrap.owner"] == ""
