"""Measured mirrors on a real box: all dead is upstream, what is remembered costs nothing, another choice is one change."""

from __future__ import annotations

import json
import secrets
import subprocess
import time

import pytest

from gpustrap.catalog.mirrors import mirrors_of
from gpustrap.resolve.net.measured import Measured, Row, write

pytestmark = pytest.mark.one_release
FILE = "/var/lib/gpustrap/mirrors.json"


def test_what_was_measured_is_remembered_and_decides(project, make_box, ssh):
    box = make_box(network=f"gpustrap-t-{secrets.token_hex(4)}")
    project.write({box.name: {"lab": box.release, "mirrors": {"measure": True}}}, roles=["mirrors"], region="auto")

    began = time.monotonic()
    first = project.up(box.name).report(box.name)
    assert time.monotonic() - began < 20
    assert first["reasons"]["mirrors"][1].startswith("pip and uv ask upstream: measured, and none of these works: ")
    assert json.loads(ssh(box, f"cat {FILE}"))["chosen"]["pypi"] is None

    again = project.up(box.name).report(box.name)
    assert (again["changed"], again["execs"]) == ([], 1)

    url = mirrors_of("pypi", "cn")[1].url
    rows = (Row("pypi", None, "black_hole"), Row("pypi", url, "works", 0.1, 9_000_000))
    told = write(Measured(int(time.time()), "curl", rows, {"pypi": url}))
    subprocess.run([*box.ssh_command, f"cat >{FILE}"], input=told.encode(), check=True, timeout=60)
    project.up(box.name)
    assert url in ssh(box, "cat /root/.config/pip/pip.conf")
    assert project.up(box.name).changed(box.name) == []
