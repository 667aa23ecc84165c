from __future__ import annotations

from pathlib import Path

import pytest

from gpustrap.inventory.hosts import read_hosts
from gpustrap.inventory.starter import ROLES, lab_hosts, rented_hosts, starter

WITH_TORCH = (*ROLES[:-1], "torch", "services")
COMMANDS = ["ssh -p 9 root@h", "ssh -o 'ProxyCommand=nc %h %p' root@h", 'ssh -i "a b" root@h', "h # no", "root@[::1]"]


@pytest.mark.parametrize("gpu", [None, "RTX 4090", "8.9", "none"])
@pytest.mark.parametrize("command", COMMANDS[:3])
@pytest.mark.parametrize(("roles", "port"), [(ROLES, None), (WITH_TORCH, 6006), (WITH_TORCH, 8080)])
def test_a_rented_instance_is_read_as_it_was_meant(tmp_path: Path, command, gpu, roles, port) -> None:
    text = rented_hosts("mine", command, roles=roles, gpu=gpu, port=port)
    (one,) = read_hosts(tmp_path, text).instances.values()
    assert (one.name, one.roles, one.settings["services"].root["web"].listens_on) == ("mine", roles, port or 8080)
    assert one.ssh == read_hosts(tmp_path, f"instances: {{a: {{ssh: {command!r}, roles: []}}}}").instances["a"].ssh
    if "torch" in roles:
        assert one.settings["torch"].gpu == gpu


@pytest.mark.parametrize("flavour", [None, "autodl"])
def test_a_container_is_the_starters_with_another_name(tmp_path: Path, flavour) -> None:
    (one,) = read_hosts(tmp_path, lab_hosts("try-1", "debian-11", flavour)).instances.values()
    assert (one.name, one.lab, one.flavour, one.roles) == ("try-1", "debian-11", flavour, ROLES)
    assert list(one.settings["services"].root) == ["web"]


def test_both_say_first_what_the_starter_says() -> None:
    head = starter().partition("  demo:")[0]
    assert rented_hosts("a", "h").startswith(head) and lab_hosts("a", "debian-12").startswith(head)
