"""The role hub on a real box: the client comes, a model is fetched whole, the next run asks for no content."""

from __future__ import annotations

import hashlib

import pytest

HOME = "/data/gpustrap/huggingface"
SNAPSHOT = f"cd {HOME}/hub/models--org--name/snapshots/%s && find -L . -type f | sort | xargs sha256sum"
LOOKS = "HF_HUB_OFFLINE=1 hf download org/name"
pytestmark = pytest.mark.one_release


def digests(files):
    lines = {f"./{path}": hashlib.sha256(data).hexdigest() for path, data in files.items()}
    return "\n".join(f"{lines[path]}  {path}" for path in sorted(lines))


def test_a_model_is_there_whole_is_fetched_once_and_a_moved_branch_is_said(project, reached, model, ssh):
    first, box = reached.hub.push("org/name", model), reached.box
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

    second = reached.hub.push("org/name", {**model, "config.json": b"{}"})
    moved = f"org/name: main has moved from {first[:10]} to {second[:10]}: 1 files to fetch, 1 MB"
    assert moved in project.run("plan", box.name).stderr
    project.up(box.name)
    assert [one.sent for one in reached.hub.content[asked:]] == [2]

    notes = project.revert(box.name).report(box.name)["notes"]
    assert f"{HOME} stays: the role hub has installed it" in notes
    assert ssh(box, "ls /usr/local/bin/hf 2>/dev/null; env | grep ^HF_ || true") == ""
