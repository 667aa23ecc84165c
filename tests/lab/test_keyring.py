"""The real keyring: gnome-keyring's Secret Service, asked through the real library, in a container of its own.

It fetches Debian packages, which takes half a minute: GPUSTRAP_REAL_KEYRING=1 runs it. The same code with a
stand-in for the library is tried by tests/unit/laptop/test_keyring_store.py in every run.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gpustrap.lab.images import ensure_image

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.one_release,
    pytest.mark.skipif("GPUSTRAP_REAL_KEYRING" not in os.environ, reason="GPUSTRAP_REAL_KEYRING=1 runs it, in 30 s"),
]
SAID = """\
no bus: None, has None
empty: SecretService Keyring, has None
first: keeps True, has pw-1
changed: keeps True, has pw 密码
next session: SecretService Keyring, has pw 密码
locked, no screen: keeps False, has None
locked, nobody answers: keeps False, has None, waited
"""


@pytest.fixture
def library(tmp_path):
    """The library as the container's Python 3.11 takes it."""
    folder = tmp_path / "library"
    words = ["-m", "uv", "pip", "install", "-q", "--target", str(folder), "--python-version", "3.11", "keyring>=25"]
    subprocess.run([sys.executable, *words, "--only-binary", ":all:"], check=True, timeout=300)
    return folder


def test_a_password_lies_in_gnome_keyring_and_a_locked_one_is_waited_for_in_bounds(engine, release, library):
    mounts = {ROOT / "src": "/src", library: "/library", Path(__file__).with_name("keyring.sh"): "/keyring.sh"}
    said = engine.run(
        "run", "--rm", "--network", "host", "--entrypoint", "sh",
        *(word for here, there in mounts.items() for word in ("-v", f"{here}:{there}:ro")),
        ensure_image(engine, release), "/keyring.sh", "/src", "/library",
    )  # fmt: skip
    assert "".join(f"{line.rstrip()}\n" for line in said.splitlines()) == SAID
