"""Packages, networks and variables: what is missing is brought, what is there needs nobody."""

from __future__ import annotations

import secrets

import pytest


@pytest.fixture
def cut_off(make_box):
    """A box on an internal network: it reaches nothing, and only this machine reaches it."""
    return make_box(network=f"gpustrap-t-{secrets.token_hex(4)}")


def test_a_box_without_any_network_is_provisioned_when_its_packages_are_there(project, settings, cut_off, ssh):
    project.write({cut_off.name: {"lab": cut_off.release, **settings}})

    project.up()

    assert ssh(cut_off, "curl -fsS --noproxy '*' 127.0.0.1:8080/ping") == "PONG BY 0.0.0.0:8080"
    assert project.up().changed(cut_off.name) == []


def test_a_missing_package_without_network_is_said(project, cut_off):
    project.write({cut_off.name: {"lab": cut_off.release, "roles": ["base"], "base": {"extra": ["tree"]}}})

    ran = project.run("up", "-y", "--json")

    failed = ran.report(cut_off.name)["failed"]
    assert ran.code == 1
    assert (failed["role"], failed["operation"]) == ("base", "packages")
    assert failed["error"].splitlines()[1].startswith("apt's sources: "), "where it breaks, as doctor says it"
    assert "Traceback" not in ran.stderr


def test_a_missing_package_is_installed_and_only_once(project, box, ssh):
    ssh(box, "apt-get purge -y -q tmux >/dev/null")
    project.write(
        {box.name: {"lab": box.release, "roles": ["base", "services"], "services": {"web": {"preset": "hello"}}}}
    )

    assert project.up().changed(box.name)[0] == "base | packages"

    assert ssh(box, "command -v tmux") == "/usr/bin/tmux"
    assert project.up().changed(box.name) == []


@pytest.mark.one_release
def test_a_dead_proxy_that_is_taken_out_is_asked_by_nobody_any_more(project, box, ssh):
    """Not by apt either, in the same run: its login had the variables."""
    settings = {"lab": box.release, "roles": ["network", "base"]}
    project.write({box.name: {**settings, "network": {"proxy": "http://127.0.0.1:9"}}})
    project.up()
    ssh(box, "dpkg --purge git >/dev/null 2>&1")

    project.write({box.name: {**settings, "base": {"packages": ["git"]}}})

    assert project.up().changed(box.name)[-1] == "base | packages"
    assert ssh(box, "command -v git; env | grep -ci proxy || true") == "/usr/bin/git\n0"
    assert project.up().changed(box.name) == []


def test_variables_reach_login_shells_ssh_commands_and_services_alike(everything, box, ssh):
    everything.up()
    wanted = {
        "http_proxy": "http://proxy.invalid:3128",
        "HTTPS_PROXY": "http://proxy.invalid:3128",
        "HF_ENDPOINT": "http://mirror.invalid/hf",
        "UV_PYTHON_INSTALL_MIRROR": "http://mirror.invalid/python",
    }
    service = ssh(box, "tr '\\0' '\\n' </proc/$(pgrep -f 'python3 hello.py' | head -n 1)/environ").splitlines()
    for name, value in wanted.items():
        assert ssh(box, f"printenv {name}") == value
        assert ssh(box, f"env -i HOME=/root bash -lc 'printenv {name}'") == value
        assert f"{name}={value}" in service
    assert 'GREETING=it\'s "quoted" $HOME' in service
    assert (
        ssh(box, "printenv no_proxy")
        == f"localhost,127.0.0.1,::1,0.0.0.0,{ssh(box, 'uname -n')},.internal,mirror.invalid"
    )

    ssh(box, ": >/root/.bashrc")  # the shell of the exec that mends it, and proves it, has read it like this
    assert everything.up().changed(box.name) == ["network | environment", "mirrors | environment"]
    assert ssh(box, "printenv http_proxy") == wanted["http_proxy"]


def test_the_clients_themselves_say_that_they_ask_the_mirrors(everything, box, ssh):
    everything.up()

    assert "http://mirror.invalid/debian/dists/" in ssh(box, "apt-get --print-uris update")
    assert ssh(box, "git ls-remote --get-url https://github.com/a/b") == "http://mirror.invalid/https://github.com/a/b"
    ssh(box, "git init -q /tmp/r && git -C /tmp/r remote add o https://github.com/a/b")
    assert ssh(box, "git -C /tmp/r remote get-url --push o") == "https://github.com/a/b"
    assert ssh(box, "git config --get http.proxy") == "http://proxy.invalid:3128"
    if box.release == "debian-12":  # debian-11's Python lacks distutils, without which uv refuses it
        assert "http://mirror.invalid/simple/six/" in ssh(box, "echo six | uv pip compile --no-cache - 2>&1 || true")


def test_only_others_ways_to_single_hosts_are_called_apts_own(everything, box, ssh):
    """Ours go past the proxy to the mirrors, and are nobody else's."""
    everything.up()
    ssh(box, """echo 'Acquire::http::Proxy::other.lan "DIRECT";' >/etc/apt/apt.conf.d/50other""")

    reasons = everything.run("plan", "--json").report(box.name)["reasons"]["network"]

    said = [one for one in reasons if one.startswith("apt has a way of its own")]
    assert said == ["apt has a way of its own to other.lan, which stays"]
