from __future__ import annotations

from pathlib import Path

import pytest

from gpustrap.errors import InstanceFailed
from gpustrap.lab import requirements

ALL = "podman runc netavark aardvark-dns uidmap iptables debootstrap debian-archive-keyring gpgv openssh-client"


@pytest.fixture
def debian_as_root(monkeypatch):
    monkeypatch.setattr(requirements, "operating_system", lambda: ["debian"])
    monkeypatch.setattr("os.geteuid", lambda: 0)


@pytest.fixture
def apt(programs, tmp_path, monkeypatch):
    """A dpkg that has `installed` and an apt that knows all but `unknown`; gives the file of its calls."""

    def set_up(installed: str = "", unknown: str = "-", lists: bool = True, install: str = "true") -> Path:
        programs(
            dpkg_query=f'for p; do :; done; case " {installed} " in *" $p "*) printf installed ;; esac',
            apt_cache=f'case " {unknown} " in *" $2 "*) ;; *) echo "  Candidate: 1" ;; esac',
            apt_get=f'echo "$@" >>{tmp_path}/calls; {install}',
        )
        monkeypatch.setattr(requirements, "find_program", lambda _name: None)  # no docker
        monkeypatch.setattr("pathlib.Path.glob", lambda *_: iter(["x_Packages"] if lists else []))
        (tmp_path / "calls").touch()
        return tmp_path / "calls"

    return set_up


INSTALL = "-q install -y --no-install-recommends"


@pytest.mark.parametrize(
    ("machine", "calls"),
    [
        ({}, f"{INSTALL} {ALL}\n"),
        ({"lists": False}, f"-q update\n{INSTALL} {ALL}\n"),
        ({"installed": ALL}, ""),
        ({"installed": ALL, "lists": False}, ""),
        ({"installed": ALL.replace("netavark ", "containernetworking-plugins ").replace("runc", "crun")}, ""),
        ({"installed": ALL.replace("debootstrap ", "")}, f"{INSTALL} debootstrap\n"),
        (
            {"installed": ALL.replace("netavark ", ""), "unknown": "netavark"},
            f"{INSTALL} containernetworking-plugins\n",
        ),
    ],
)
@pytest.mark.usefixtures("debian_as_root")
def test_debian_as_root_gets_what_is_missing(apt, machine, calls):
    called = apt(**machine)
    requirements.install_missing()
    assert called.read_text() == calls


@pytest.mark.usefixtures("debian_as_root")
def test_with_a_working_docker_no_podman_is_installed(apt, monkeypatch):
    called = apt()
    monkeypatch.setattr(requirements, "docker_answers", lambda: True)
    requirements.install_missing()
    assert called.read_text() == f"{INSTALL} debootstrap debian-archive-keyring gpgv openssh-client\n"


@pytest.mark.parametrize(("system", "uid"), [(["fedora"], 0), (["ubuntu", "debian"], 1000)])
def test_elsewhere_nothing_is_installed(apt, monkeypatch, system, uid):
    called = apt()
    monkeypatch.setattr(requirements, "operating_system", lambda: system)
    monkeypatch.setattr("os.geteuid", lambda: uid)
    requirements.install_missing()
    assert called.read_text() == ""


@pytest.mark.usefixtures("debian_as_root")
def test_apts_own_reason_is_given(apt):
    apt(install="echo 'E: Unable to locate package runc' >&2; exit 100")
    with pytest.raises(InstanceFailed) as failed:
        requirements.install_missing()
    assert str(failed.value) == (
        "apt-get install: E: Unable to locate package runc\n"
        f"hint: run it by hand: {requirements.INSTALL_COMMANDS['debian']}"
    )


@pytest.mark.parametrize(
    ("system", "begins"),
    [
        (["ubuntu", "debian"], "sudo apt-get install podman"),
        (["linuxmint", "ubuntu", "debian"], "sudo apt-get install podman"),
        (["rocky", "rhel", "fedora"], "sudo dnf install podman"),
        (["darwin"], "brew install podman"),
        ([], "install podman or docker with your system's package manager"),
    ],
)
def test_each_system_has_its_command(monkeypatch, system, begins):
    monkeypatch.setattr(requirements, "operating_system", lambda: system)
    assert requirements.how_to_install().startswith(begins)
