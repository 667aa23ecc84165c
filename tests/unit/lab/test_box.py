from __future__ import annotations

from pathlib import Path

import pytest

from gpustrap.lab.box import Box, TargetName, is_lab, parse

LABELS = {"gpustrap.lab": "demo", "gpustrap.release": "debian-12", "gpustrap.key": "ssh-ed25519 AAAA lab"}
ON_NETWORK = LABELS | {"gpustrap.network": "cut-off", "gpustrap.owner": "31-4159"}
OF_PROJECT = {"gpustrap.project": "/my/gpus"}
PORTS = {
    "22/tcp": [{"HostIp": "127.0.0.1", "HostPort": "25420"}],
    "8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "22512"}],
}


def described(name="gpustrap-lab-demo", labels=LABELS, ports=PORTS, networks=None):
    """The parts that count of `podman container inspect`, podman 4.3.1."""
    return {
        "Id": "2052a9f5b220",
        "Name": name,
        "State": {"Status": "running"},
        "Config": {"Labels": labels},
        "HostConfig": {"PortBindings": ports},
        "NetworkSettings": {"Networks": networks or {"podman": {"IPAddress": "10.88.0.10"}}},
    }


def test_a_box_is_reached_by_its_published_ports():
    assert parse(described()) == Box(
        container="2052a9f5b220",
        target=TargetName("demo"),
        release="debian-12",
        flavour=None,
        user="root",
        state="running",
        owner=None,
        key="ssh-ed25519 AAAA lab",
        network=None,
        host="127.0.0.1",
        ssh_port=25420,
        http_port=22512,
    )


def test_the_labels_say_which_project_flavour_and_user():
    box = parse(described(labels=LABELS | OF_PROJECT | {"gpustrap.flavour": "lambda", "gpustrap.user": "ubuntu"}))
    assert (box.target, box.flavour, box.user) == (TargetName("demo", Path("/my/gpus")), "lambda", "ubuntu")
    assert box.kind == "debian-12 lambda"


def test_an_empty_owner_is_none():  # a flavour's image says so over the label of the process that built it
    assert parse(described(labels=LABELS | {"gpustrap.owner": ""})).owner is None


def test_two_projects_have_two_keys_for_one_name():
    keys = [TargetName("demo", project).key for project in (None, Path("/my/gpus"), Path("/other"))]
    assert keys == ["demo", "demo-ad572676", "demo-bf2faee2"]


def test_a_box_on_an_internal_network_is_reached_at_its_own_address():
    on_network = described(labels=ON_NETWORK, ports={}, networks={"gpustrap-lab-cut-off": {"IPAddress": "10.89.0.2"}})
    box = parse(on_network)
    assert (box.network, box.host, box.ssh_port, box.http_port) == ("cut-off", "10.89.0.2", 22, 8080)
    assert box.owner == "31-4159"


@pytest.mark.parametrize(
    ("name", "labels", "own"),
    [
        ("gpustrap-lab-demo", LABELS, True),
        ("/gpustrap-lab-demo", LABELS, True),  # docker's form
        ("gpustrap-lab-demo-ad572676", LABELS | OF_PROJECT, True),
        ("gpustrap-lab-demo", LABELS | OF_PROJECT, False),
        ("gpustrap-lab-demo-ad572676", LABELS, False),
        ("renamed", LABELS, False),
        ("gpustrap-lab-demo", None, False),
        ("gpustrap-lab-demo", {"gpustrap.lab": "image"}, False),  # from the lab's image, by hand
        ("gpustrap-lab-image", {"gpustrap.lab": "image"}, False),
    ],
)
def test_only_what_the_lab_made_is_the_labs(name, labels, own):
    assert is_lab(described(name, labels)) is own
