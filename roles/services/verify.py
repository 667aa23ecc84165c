"""What the role `services` promises: each service has its session, its port, its answer."""

import pytest


def test_each_service_has_its_session_and_no_other_is_there(host, chosen):
    sessions = host.run("tmux -L gpustrap list-sessions -F '#{session_name}'").stdout.split()
    assert sorted(sessions) == sorted(service.name for service in chosen.services)


def test_each_port_is_listened_on(host, chosen):
    ports = [service.port for service in chosen.services if service.port is not None]
    if not ports:
        pytest.skip("no service has a port")
    listening = host.check_output("ss -Hltn")
    assert [port for port in ports if f":{port} " not in listening] == []


def test_each_health_path_answers(host, chosen):
    checked = [service for service in chosen.services if service.port is not None and service.health is not None]
    if not checked:
        pytest.skip("no service has a health path")
    for service in checked:
        answer = host.run("curl -sS --noproxy '*' --max-time 10 -o /dev/null -w '%%{http_code}' %s",
                          f"{service.local_url}{service.health}")  # fmt: skip
        assert answer.stdout[:1] in ("2", "3"), f"{service.name}: {answer.stdout} {answer.stderr}"


def test_secrets_of_services_are_readable_by_root_only(host, chosen):
    for service in chosen.services:
        assert host.check_output("stat -c %%a %s", f"{service.directory}/env") == "600"
