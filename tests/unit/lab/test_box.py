from __future__ import annotations

import pytest

from gpustrap.lab.box import Box, is_lab, parse

LABELS = {"gpustrap.lab": "demo", "gpustrap.release": "debian-12", "gpustrap.key": "ssh-ed25519 AAAA lab"}
ON_NETWORK = LABELS | {"gpustrap.network": "cut-off", "gpustrap.owner": "31-4159"}
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
        "2052a9f5b220",
        "demo",
        "debian-12",
        "running",
        None,
        "ssh-ed25519 AAAA lab",
        None,
        "127.0.0.1",
        25420,
        22512,
    )


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
        ("renamed", LABELS, False),
        ("gpustrap-lab-demo", None, False),
        ("gpustrap-lab-demo", {"gpustrap.lab": "image"}, False),  # from the lab's image, by hand
        ("gpustrap-lab-image", {"gpustrap.lab": "image"}, False),
    ],
)
def test_only_what_the_lab_made_is_the_labs(name, labels, own):
    assert is_lab(described(name, labels)) is own
