"""Debian's tinyproxy: a real proxy, with its allow list and with a password. Its package is unpacked, not installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from gpustrap.lab.requirements import refresh_package_lists
from gpustrap.lab.state import silent
from served import serving

PACKAGE = "tinyproxy-bin"
USER, PASSWORD = "me", "s3cret-0f-the-pr0xy"
SETTINGS = """
Listen {address}
Port {port}
Timeout 600
MaxClients 100
Allow {allowed}
BasicAuth {user} {password}
Upstream http {upstream} "{name}"
LogFile "{log}"
LogLevel Connect
"""


def program(folder: Path) -> Path:
    """This machine's own, else as apt's sources have it. Raises CalledProcessError where they have none."""
    if found := shutil.which("tinyproxy"):
        return Path(found)
    if os.geteuid() == 0:
        refresh_package_lists(silent)
    subprocess.run(["apt-get", "-qq", "download", PACKAGE], cwd=folder, check=True, capture_output=True, timeout=120)
    (package,) = folder.glob(f"{PACKAGE}_*.deb")
    subprocess.run(["dpkg-deb", "-x", package, folder], check=True, timeout=60)
    return folder / "usr" / "bin" / "tinyproxy"


@contextmanager
def tiny_proxying(folder: Path, address: str, allowed: str, name: str, upstream: str) -> Iterator[str]:
    """Its URL, for `allowed` alone; the host `name` it asks for by the proxy `upstream`, which knows that name."""

    def words(port: int) -> list[object]:
        told = {"address": address, "port": port, "allowed": allowed, "user": USER, "password": PASSWORD}
        told |= {"upstream": urlsplit(upstream).netloc, "name": name, "log": folder / "log"}
        (folder / "tinyproxy.conf").write_text(SETTINGS.format(**told))
        return [program(folder), "-d", "-c", folder / "tinyproxy.conf"]

    with serving(address, words, folder / "said") as here:
        yield f"http://{USER}:{PASSWORD}@{here}"
