from __future__ import annotations

import pytest

from gpustrap.errors import BadInput
from gpustrap.inventory.hosts import read_hosts
from gpustrap.inventory.reveal import revealed
from gpustrap.inventory.secret_places import read_secrets

HOSTS = """\
defaults:
  roles: [network, services]
  network: {proxy: {env: NO_PROXY_HERE}}
instances:
  a:
    ssh: ssh root@192.0.2.1
    password: {env: NO_PASSWORD_HERE}
    services:
      web:
        command: x
        env: {TOKEN: {file: /no/such}}
  b:
    ssh: ssh root@192.0.2.2
"""
PROXY = "inventory/hosts.yml:3: defaults.network.proxy: environment variable NO_PROXY_HERE is not set"
PASSWORD = "inventory/hosts.yml:7: instances.a.password: environment variable NO_PASSWORD_HERE is not set"
FILE = "inventory/hosts.yml:11: instances.a.services.web.env.TOKEN: secret file /no/such cannot be read"


@pytest.mark.parametrize(("settings", "said"), [(True, [PROXY, FILE, PASSWORD]), (False, [PASSWORD])])
def test_each_secret_that_cannot_be_read_is_said_where_it_is_written(tmp_path, monkeypatch, settings, said):
    revealed.cache_clear()
    monkeypatch.chdir(tmp_path)
    hosts = read_hosts(tmp_path, HOSTS)
    with pytest.raises(BadInput) as refused:
        read_secrets(hosts, hosts.instances.values(), settings=settings)
    assert [str(fault)[: len(text)] for fault, text in zip(refused.value.faults, said, strict=True)] == said


@pytest.mark.parametrize(("settings", "sudo", "said"), [(True, None, True), (False, None, False), (False, True, True)])
def test_sudos_password_is_read_with_the_roles_or_alone(tmp_path, monkeypatch, settings, sudo, said):
    revealed.cache_clear()
    monkeypatch.chdir(tmp_path)
    text = "instances: {a: {ssh: ssh u@192.0.2.1, roles: [], sudo_password: {env: NO_SUDO_HERE}}}\n"
    hosts = read_hosts(tmp_path, text)
    if not said:
        read_secrets(hosts, hosts.instances.values(), settings=settings, sudo=sudo)
        return
    with pytest.raises(BadInput, match="NO_SUDO_HERE"):
        read_secrets(hosts, hosts.instances.values(), settings=settings, sudo=sudo)
