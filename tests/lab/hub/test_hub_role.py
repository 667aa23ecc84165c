"""The role hub on a real box: the client comes, a model is fetched whole, the next run asks for no content."""

from __future__ import annotations

import hashlib
import subprocess
from contextlib import contextmanager

import pytest

HOME = "/data/gpustrap/huggingface"
SNAPSHOT = f"cd {HOME}/hub/models--org--name/snapshots/%s && find -L . -type f | sort | xargs sha256sum"
LOOKS = "HF_HUB_OFFLINE=1 hf download org/name"
pytestmark = pytest.mark.one_release


@contextmanager
def laptop_that_is_lost(project, box):
    """`up` while it runs, killed at the end."""
    words, nothing = project.command("up", box.name, "-y"), subprocess.DEVNULL
    with subprocess.Popen(words, cwd=project.folder, env=project.environment(), stdin=nothing, stderr=nothing) as up:
        try:
            yield
        finally:
            up.kill()


def digests(files):
    lines = {f"./{path}": hashlib.sha256(data).hexdigest() for path, data in files.items()}
    return "\n".join(f"{lines[path]}  {path}" for path in sorted(lines))


def test_a_model_is_there_whole_is_fetched_once_and_a_moved_branch_is_said(
    project, reached, model, ssh, standing, unsaid
):
    first, box = reached.hub.push("org/name", model), reached.box
    bare = standing(box)
    reached.hub.push("datasets/org/data", {"rows.csv": b"a,b\n", "left.out": b"x"})
    wanted = ["org/name", {"dataset": "org/data", "allow": ["*.csv"]}]
    project.write({box.name: reached.instance(prefetch=wanted)})
    assert "org/name at main: is fetched once the client is there" in project.run("plan", box.name).stderr

    changed = project.up(box.name).changed(box.name)

    assert changed[-3:] == ["hub | settings", "hub | client", "hub | prefetch"]
    assert ssh(box, SNAPSHOT % first) == digests(model)
    assert first in ssh(box, f"bash -lc '{LOOKS}'")
    assert ssh(box, f"ls {HOME}/hub/datasets--org--data/snapshots/*") == "rows.csv"
    asked = len(reached.hub.content)

    report = project.up(box.name).report(box.name)
    assert (report["changed"], len(reached.hub.content)) == ([], asked)

    newer = {**model, "config.json": b"{}", "more.bin": model["nested/model.safetensors"][::-1]}
    second = reached.hub.push("org/name", newer)
    moved = f"org/name: main has moved from {first[:10]} to {second[:10]}: 2 files to fetch, 7 MB"
    assert moved in project.run("plan", box.name).stderr
    reached.hub.holds = 3_000_000
    with laptop_that_is_lost(project, box):
        assert reached.hub.held.wait(60)
    assert "the download is at work and is waited for" in project.run("plan", box.name).stderr
    reached.hub.go_on.set()
    project.up(box.name)
    assert ssh(box, "grep -c started /data/gpustrap/jobs/hub/log") == "2"
    assert sorted(one.sent for one in reached.hub.content[asked:]) == [2, len(newer["more.bin"])]
    assert ssh(box, SNAPSHOT % second) == digests(newer)

    notes = project.revert(box.name).report(box.name)["notes"]
    assert f"{HOME} stays: the role hub has installed it" in notes
    assert unsaid(bare ^ standing(box), notes) == []
    assert ssh(box, "env | grep ^HF_ || true") == ""
