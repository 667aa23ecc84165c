"""Somebody who is not root, with rootless podman: README's two commands from an installed gpustrap."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from gpustrap.lab.images import ensure_image
from gpustrap.lab.requirements import apt_get, find_program, refresh_package_lists

pytestmark = [
    pytest.mark.one_release,
    pytest.mark.skipif(os.geteuid() != 0, reason="the whole lab is rootless where the tests are not root's"),
]
NAMESPACES = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")


@pytest.fixture
def image(engine, release, tmp_path):
    """The lab's image as an archive: building it takes mmdebstrap a minute more."""
    archive = tmp_path / "image.tar"
    engine.run("save", "-q", "-o", str(archive), ensure_image(engine, release))
    return archive


def test_not_root_readmes_two_commands_give_a_verified_service_and_then_nothing_changes(installed, image):
    if find_program("slirp4netns") is None:
        refresh_package_lists(print)
        apt_get("install", "-y", "--no-install-recommends", "slirp4netns")
    script = Path(__file__).with_name("rootless.sh")

    done = subprocess.run(
        ["setpriv", "--pdeathsig", "KILL", *NAMESPACES, "sh", script, installed.parents[1], image],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=300,
    )

    assert done.returncode == 0, done.stderr
    pong, report = done.stdout.split("\n", 1)
    assert pong == "PONG BY 0.0.0.0:8080"
    assert json.loads(report)["instances"]["demo"]["changed"] == []
