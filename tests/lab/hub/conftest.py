"""Hugging Face's real client, on a box or on this machine, and a mock of its hub."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import mock_hub
from box_wheels import DOWNLOAD
from kept import once, programs_of, run

CLIENT = "huggingface_hub==2.4.0"
NETWORK = f"t-hub-{os.getpid()}"  # no way out: what a box gets, it gets from this machine
MODEL = {
    "config.json": b'{"a": 1}',
    "nested/model.safetensors": random.Random(7).randbytes(6_000_000),
    "README.md": b"",
}


@pytest.fixture
def model() -> dict[str, bytes]:
    """The files of a model: a small one, a large one in a folder, an empty one."""
    return dict(MODEL)


@pytest.fixture(scope="session")
def client() -> Path:
    """A Python of this machine that has the client."""
    return programs_of(CLIENT) / "python"


@pytest.fixture(scope="session")
def wheels() -> Path:
    """A folder with the client's wheels for a box, as pages of an index too."""

    def make(folder: Path) -> None:
        run(*DOWNLOAD, f"--dest={folder}", CLIENT)
        for wheel in folder.glob("*.whl"):
            page = folder / "simple" / wheel.name.split("-")[0].replace("_", "-").replace(".", "-").lower()
            page.mkdir(parents=True, exist_ok=True)
            digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
            link = f'<a href="../../{wheel.name}#sha256={digest}">{wheel.name}</a>'
            (page / "index.html").write_text(link)

    return once(f"test-wheels-{CLIENT}", make)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def indexed(folder: Path, address: str) -> Iterator[str]:
    """The URL of the index, served on an address."""
    with ThreadingHTTPServer((address, 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield "http://{}:{}/simple".format(*server.server_address)
        server.shutdown()


@dataclass
class Reached:
    """A box that reaches nothing but an index with the client, and the hub."""

    box: Any
    hub: mock_hub.Hub
    pypi: str

    def instance(self, **hub: Any) -> dict[str, Any]:
        """What stands in hosts.yml of it."""
        return {
            "lab": self.box.release,
            "roles": ["mirrors", "python", "hub"],
            "mirrors": {"pypi": self.pypi, "hf": self.hub.url},
            "hub": hub,
        }


@pytest.fixture(scope="session", params=["debian-12"])
def release(request: pytest.FixtureRequest, engine: Any) -> str:
    """Debian 12, whose Python the client's wheels are for."""
    from gpustrap.lab.images import ensure_image

    ensure_image(engine, request.param)
    return str(request.param)


@pytest.fixture
def reached(make_box: Callable[..., Any], wheels: Path) -> Iterator[Reached]:
    box = make_box(network=NETWORK)
    told = subprocess.run([*box.ssh_command, "echo ${SSH_CLIENT%% *}"], capture_output=True, text=True, check=True)
    address = told.stdout.strip()
    with mock_hub.serving(address) as hub, indexed(wheels, address) as pypi:
        yield Reached(box, hub, pypi)
