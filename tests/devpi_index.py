"""devpi: a real index of Python packages, here a mirror of the one that this machine's own pip asks."""

from __future__ import annotations

import json
import re
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kept import programs_of, run
from registry_mirror import upstream
from served import serving

DEVPI = "devpi-server==6.20.3"
SECRET = "of-this-test"
# Its keys are made to be slow, and it makes one at each start: 25 s on two busy cores.
CHEAP_KEYS = ("--argon2-memory-cost", 8, "--argon2-time-cost", 1, "--argon2-parallelism", 1)
# Two that ask for one file at the same time, as uv does, are one too many for it: `assert not self.exists(path)`.
ONE_BY_ONE = ("--threads", 1)


@dataclass(frozen=True)
class Index:
    """`url` is what pip and uv are told."""

    url: str
    log: Path

    @property
    def given(self) -> set[str]:
        """The packages of which it has given a file."""
        return set(re.findall(r"GET /root/mirror/\+f/[^ ]*/([a-z_]+)-[^/ ]*\.whl", self.log.read_text()))


@contextmanager
def devpi_indexing(folder: Path, address: str, certificates: str) -> Iterator[Index]:
    """Behind it is this machine's index, whose certificate is checked against the bundle."""
    state, programs = folder / "state", programs_of(DEVPI)
    run(programs / "devpi-init", "--serverdir", state, "--no-root-pypi", "--root-passwd", SECRET)

    def words(port: int) -> list[object]:
        return [
            programs / "devpi-server",
            "--serverdir",
            state,
            "--host",
            address,
            "--port",
            port,
            *CHEAP_KEYS,
            *ONE_BY_ONE,
        ]

    trust = {"SSL_CERT_FILE": certificates, "REQUESTS_CA_BUNDLE": certificates}
    with serving(address, words, folder / "log", **trust) as here:
        mirrored(f"http://{here}")
        yield Index(f"http://{here}/root/mirror/+simple", folder / "log")


def mirrored(devpi: str) -> None:
    """Make the index `root/mirror`. The list of all packages is left out: nobody asks for it, and it is long."""
    login = asked("POST", f"{devpi}/+login", {"user": "root", "password": SECRET})
    settings = {"type": "mirror", "mirror_url": f"{upstream('pypi')}/", "mirror_no_project_list": True}
    key = b64encode(f"root:{login['result']['password']}".encode()).decode()
    asked("PUT", f"{devpi}/root/mirror", settings, {"X-Devpi-Auth": key})


def asked(method: str, url: str, told: dict[str, Any], headers: dict[str, str] | None = None) -> Any:
    body, kind = json.dumps(told).encode(), {"Content-Type": "application/json"}
    request = urllib.request.Request(url, body, {**kind, **(headers or {})}, method=method)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
        return json.load(answer)
